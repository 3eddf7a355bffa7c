/** Noise and identities by themselves: what a private chat and a name's proof cost. */
import { CipherState } from "../lib/crypto/cipher_state.ts";
import { identityOf, isSignedBy, newSeed } from "../lib/crypto/identity.ts";
import { NoiseXX } from "../lib/crypto/noise_xx.ts";
import { keyPair } from "../lib/crypto/x25519.ts";
import { linkPrologue } from "../lib/protocol/private.ts";

const EMPTY = new Uint8Array(0);
/** About as long as an IDENTITY. */
const PAYLOAD = new Uint8Array(210);
const KEY = new Uint8Array(32).fill(7);

const prologue = linkPrologue("ann", "bob", "000102030405060708090a0b0c0d0e0f");
const [ann, bob] = [keyPair(), keyPair()];

Deno.bench("Noise XX handshake, both sides", { n: 500 }, () => {
  const dialler = new NoiseXX("initiator", prologue, ann, keyPair());
  const listener = new NoiseXX("responder", prologue, bob, keyPair());
  listener.read(dialler.write(EMPTY));
  dialler.read(listener.write(PAYLOAD));
  listener.read(dialler.write(PAYLOAD));
  dialler.split();
  listener.split();
});

for (const [size, n] of [[64, 20_000], [65_536, 2_000]] as const) {
  const group = `${size} bytes`;
  const plaintext = new Uint8Array(size);
  const alone = new CipherState(KEY);
  const [sender, receiver] = [new CipherState(KEY), new CipherState(KEY)];
  Deno.bench("seal", { group, n }, () => {
    alone.seal(plaintext, EMPTY);
  });
  Deno.bench("open", { group, n }, (bench) => {
    const sealed = sender.seal(plaintext, EMPTY);
    bench.start();
    receiver.open(sealed, EMPTY);
    bench.end();
  });
}

const identity = identityOf(newSeed(), false);
const context = "confab-register-v1";
const nonce = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";
const fields = [identity.publicKey, "ann", "kept", nonce, nonce];
const signature = identity.sign(context, fields);

Deno.bench("Ed25519: sign a registration", { n: 2_000 }, () => {
  identity.sign(context, fields);
});
Deno.bench("Ed25519: verify it", { n: 2_000 }, () => {
  isSignedBy(identity.publicKey, signature, context, fields);
});
