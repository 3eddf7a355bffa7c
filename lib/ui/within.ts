/** What `promise` resolves to; `undefined` after `ms` milliseconds. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  const value = await Promise.race([promise, late.promise]);
  clearTimeout(timer);
  return value;
}
