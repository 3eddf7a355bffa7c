import type { MessageId } from "../protocol/delivery.ts";
import { baseName, nameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import { MAX_REMEMBERED_RUNS, MAX_RUNS_PER_SENDER } from "./limits.ts";

/**
 * Which messages were here before, whatever run of the registry brought them: a sender may not know that one had
 * arrived, and send it again (`docs/PROTOCOL.md` 10.9).
 */
export class Repeats {
  /** The highest count of each run of each sender; those heard last are last. */
  readonly #senders = new Map<string, Map<string, number>>();
  /** The key that a name had when it was in the room. */
  readonly #keys = new BoundedMap<string, string>(MAX_REMEMBERED_RUNS);
  #size = 0;

  /**
   * Whether a message is here for the first time; from then on it is not.
   *
   * @param key of the sender as the roster has or had it; `undefined` for one who was not in it, or has none: then the
   * one that this name had before, or the name itself tells senders apart
   */
  isNew(sender: string, key: string | undefined, id: MessageId): boolean {
    const name = nameKey(baseName(sender));
    if (key !== undefined) this.#keys.set(name, key);
    const owner = this.#keys.get(name) ?? name;
    // It may have been here while nobody could say whose it was.
    if (id.count <= Math.max(this.#highest(owner, id.run), this.#highest(name, id.run))) {
      return false;
    }
    this.#remember(owner, id);
    return true;
  }

  #highest(owner: string, run: string): number {
    return this.#senders.get(owner)?.get(run) ?? 0;
  }

  #remember(owner: string, { run, count }: MessageId): void {
    const runs = this.#senders.get(owner) ?? new Map<string, number>();
    if (!runs.has(run)) this.#size++;
    moveToEnd(this.#senders, owner, runs);
    moveToEnd(runs, run, count);
    const [oldestRun] = runs.keys();
    if (runs.size > MAX_RUNS_PER_SENDER && oldestRun !== undefined) {
      runs.delete(oldestRun);
      this.#size--;
    }
    const [oldest] = this.#senders;
    if (this.#size > MAX_REMEMBERED_RUNS && oldest) {
      const [sender, all] = oldest;
      this.#senders.delete(sender);
      this.#size -= all.size;
    }
  }
}

function moveToEnd<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
}
