/**
 * The signatures in the examples of `docs/PROTOCOL.md`, made and verified by another implementation
 * from what the page says, and by ours.
 */
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { identityOf, isSignedBy, type SigningContext } from "../../lib/crypto/identity.ts";
import { offerFields, parseDatagram } from "../../lib/protocol/datagram.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { datagramsOf, examplesOf, LINK_SECTION, readPage, sectionOf, told } from "./page.ts";

type Signer = "registry" | "ann" | "bob";

/** One signature of the page. */
interface Signed {
  readonly what: string;
  readonly context: SigningContext;
  readonly by: Signer;
  /** Each field under the name that the table of section 7.1 gives it. */
  readonly fields: Readonly<Record<string, string>>;
  readonly signature: string;
}

const SIGNERS: readonly Signer[] = ["registry", "ann", "bob"];
const utf8 = (text: string) => new TextEncoder().encode(text);
const filled = (byte: string) => Uint8Array.fromHex(byte.repeat(32));

/** The private keys of section 7.1. */
function seedsOf(page: string): Readonly<Record<Signer, Uint8Array>> {
  const [registry = "", ann = "", bob = ""] = told(
    page,
    /private keys \(.*\): registry `(..)` x 32, ann `(..)` x 32, bob `(..)` x 32\./,
  );
  return { registry: filled(registry), ann: filled(ann), bob: filled(bob) };
}

/** The fields of each context, in their order, from the table of section 7.1. */
function tableOf(page: string): Map<string, { signer: string; fields: string[] }> {
  const rows = sectionOf(page, "### 7.1 Signatures")
    .matchAll(/^\| `(confab-\S+)` \| (\w+) \| (.+) \|$/gm);
  return new Map(Array.from(rows, ([, context = "", signer = "", list = ""]) => {
    const fields = list.replace(/ \([^)]*\)$/, "").replaceAll("`", "").split(", ");
    return [context, { signer, fields }];
  }));
}

/** The fields of the one example that begins with `start` and has so many fields. */
function exampleOf(page: string, start: string, count: number): string[] {
  const found = examplesOf(page).map(({ text }) => text.split(":"))
    .filter((fields) => fields.length === count && fields.join(":").startsWith(start));
  assertEquals(found.length, 1, `examples of ${start}`);
  return found[0] ?? [];
}

/** Every signature of the page, with what it is over. */
function signaturesOf(page: string): Signed[] {
  const before = page.replace(sectionOf(page, LINK_SECTION), "");
  const [, , clientNonce = ""] = exampleOf(before, "CAPS:1:", 4);
  const [, , registryNonce = "", registryKey = "", proof = "", capabilities = ""] = exampleOf(
    before,
    "CAPS:1:",
    6,
  );
  const [, username = "", , hold = "", claim = ""] = exampleOf(before, "IDENTITY:", 5);
  const [offer, ...more] = datagramsOf(page).map((text) => JSON.parse(text))
    .filter((value) => "signature" in value);
  assertEquals(more.map((value) => value.for), ["pipe"]);
  const { for: _, signature: ofBytes, ...bytes } = more[0];
  const { signature: offered, ...rest } = offer;
  const nonces = { ["client nonce"]: clientNonce, ["registry nonce"]: registryNonce };
  return [
    {
      what: "CAPS of the registry",
      context: "confab-registry-v1",
      by: "registry",
      fields: { ...nonces, capabilities },
      signature: proof,
    },
    {
      what: "IDENTITY",
      context: "confab-register-v1",
      by: "ann",
      fields: { ...nonces, ["registry key"]: registryKey, username, hold },
      signature: claim,
    },
    {
      what: "the offer",
      context: "confab-offer-v1",
      by: "ann",
      fields: {
        ["registry key"]: registryKey,
        ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, `${value}`])),
      },
      signature: offered,
    },
    {
      what: "the offer of bytes",
      context: "confab-pipe-v1",
      by: "ann",
      fields: {
        ["registry key"]: registryKey,
        ...Object.fromEntries(Object.entries(bytes).map(([key, value]) => [key, `${value}`])),
      },
      signature: ofBytes,
    },
    staticOf(page, "ann"),
    staticOf(page, "bob"),
  ];
}

/** The payload of a handshake message. */
function staticOf(page: string, by: "ann" | "bob"): Signed {
  const link = sectionOf(page, LINK_SECTION);
  const [byte = ""] = told(link, new RegExp(`\\b${by}'s static \`(..)\``));
  const [name = "", hold = "", signature = ""] = told(
    link,
    new RegExp(`^ {4}IDENTITY:(${by}):[0-9a-f]{64}:(\\w+):([0-9a-f]{128})$`, "m"),
  );
  return {
    what: `the static key of ${by}`,
    context: "confab-static-v1",
    by,
    fields: {
      name,
      hold,
      ["X25519 static key as 64 hexadecimal digits"]: x25519.getPublicKey(filled(byte)).toHex(),
    },
    signature,
  };
}

/** What is signed: the context and its fields as the table orders them. */
function listOf(page: string, { context, fields }: Signed): string[] {
  return (tableOf(page).get(context)?.fields ?? []).map((name) => {
    const value = fields[name];
    assert(value !== undefined && value !== "", `${context}: no field "${name}" on the page`);
    return value;
  });
}

testWith(["read"], "docs/PROTOCOL.md: its public keys are those of its private keys", () => {
  const page = readPage();
  const seeds = seedsOf(page);
  const keys = SIGNERS.map((who) => ed25519.getPublicKey(seeds[who]).toHex());
  assertEquals(SIGNERS.map((who) => identityOf(seeds[who], true).publicKey), keys);
  // Of bytes there is a hash, too.
  const rest = page.replace(sectionOf(page, "### 9.5 Bytes"), "");
  const shown = Array.from(rest.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g), ([key]) => key);
  assertEquals(new Set(shown), new Set(keys));
});

testWith(
  ["read"],
  "docs/PROTOCOL.md: each context of its table has an example, and no other",
  () => {
    const page = readPage();
    const signed = signaturesOf(page);
    assertEquals(
      [...tableOf(page).keys()].toSorted(),
      [...new Set(signed.map(({ context }) => context))].toSorted(),
    );
    for (const { context, by } of signed) {
      assertEquals(
        tableOf(page).get(context)?.signer,
        by === "registry" ? by : "identity",
        context,
      );
    }
    const shown = Array.from(
      page.matchAll(/(?<![0-9a-f])[0-9a-f]{128}(?![0-9a-f])/g),
      ([it]) => it,
    );
    assertEquals(new Set(shown), new Set(signed.map(({ signature }) => signature)));
  },
);

testWith(
  ["read"],
  "docs/PROTOCOL.md: its signatures verify, and of nothing but their fields",
  () => {
    const page = readPage();
    const seeds = seedsOf(page);
    for (const signed of signaturesOf(page)) {
      const { what, context, by, signature } = signed;
      const list = listOf(page, signed);
      const verifies = (parts: readonly string[], who: Signer = by): boolean =>
        ed25519.verify(
          Uint8Array.fromHex(signature),
          utf8(parts.join(":")),
          ed25519.getPublicKey(seeds[who]),
        );
      assert(verifies([context, ...list]), `${what}: ${list}`);
      const made = ed25519.sign(utf8([context, ...list].join(":")), seeds[by]);
      assertEquals(made.toHex(), signature, `${what}: another signature, as Ed25519 has but one`);
      for (const at of list.keys()) {
        const changed = list.with(at, `${list[at]}0`);
        assert(!verifies([context, ...changed]), `${what}: field ${at} is not signed`);
        assert(!verifies([context, ...list.toSpliced(at, 1)]), `${what}: without field ${at}`);
      }
      for (const other of tableOf(page).keys()) {
        assertEquals(verifies([other, ...list]), other === context, `${what}: as ${other}`);
      }
      for (const who of SIGNERS) {
        assertEquals(verifies([context, ...list], who), who === by, `${what}: by ${who}`);
      }
    }
  },
);

testWith(["read"], "docs/PROTOCOL.md: lib/crypto signs and verifies its examples alike", () => {
  const page = readPage();
  const seeds = seedsOf(page);
  for (const signed of signaturesOf(page)) {
    const { what, context, by, signature } = signed;
    const list = listOf(page, signed);
    const identity = identityOf(seeds[by], true);
    assertEquals(identity.sign(context, list), signature, what);
    assert(isSignedBy(identity.publicKey, signature, context, list), what);
    for (const at of list.keys()) {
      const changed = list.with(at, `${list[at]}0`);
      assert(!isSignedBy(identity.publicKey, signature, context, changed), `${what}: ${at}`);
    }
  }
});

testWith(
  ["read"],
  "docs/PROTOCOL.md: offerFields are the fields of its table, in their order",
  () => {
    const page = readPage();
    const [signed, ...more] = signaturesOf(page).filter(({ context }) =>
      context === "confab-offer-v1"
    );
    assert(signed && more.length === 0);
    const [text = ""] = datagramsOf(page).filter((datagram) => datagram.includes("signature"));
    const offer = parseDatagram(utf8(text));
    assert(offer.kind === "offer" && offer.signed);
    const registryKey = signed.fields["registry key"] ?? "";
    assertEquals(offerFields(registryKey, offer, offer.signed), listOf(page, signed));
  },
);
