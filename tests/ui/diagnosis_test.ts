/** From what `doctor` has found out to what will work. */
import {
  addressCheck,
  featuresOf,
  type Findings,
  natCheck,
  natOf,
  noFindings,
} from "../../lib/ui/diagnosis.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const PUBLIC = { ip: "203.0.113.9", port: 5001 };
const PRIVATE = { ip: "192.168.1.5", port: 5001 };

/** Somebody with a public address, for whom all is well. */
const WELL: Findings = {
  registry: true,
  own: PUBLIC,
  localIp: PUBLIC.ip,
  seen: PUBLIC,
  mapping: "independent",
  hears: true,
  listens: true,
  relays: false,
  store: "kept",
};
const BEHIND = { ...WELL, own: PRIVATE, localIp: PRIVATE.ip, seen: { ...PUBLIC, port: 40_000 } };

const TABLE: readonly {
  what: string;
  found: Findings;
  nat: string;
  address: [string, RegExp];
  works: string;
  privately?: RegExp;
}[] = [
  {
    what: "a public address",
    found: WELL,
    nat: "none",
    address: ["ok", /^203\.0\.113\.9:5001, as it would be registered$/],
    works: "yes yes if yes yes",
  },
  {
    what: "all on one machine",
    found: {
      ...WELL,
      own: { ip: "127.0.0.1", port: 7 },
      localIp: "127.0.0.1",
      seen: { ip: "127.0.0.1", port: 7 },
    },
    nat: "none",
    address: ["ok", /only programs on this machine/],
    works: "yes yes if yes yes",
  },
  {
    what: "a registry on this machine, another address registered",
    found: {
      ...WELL,
      localIp: "127.0.0.1",
      seen: { ip: "127.0.0.1", port: 5001 },
    },
    nat: "none",
    address: ["ok", /cannot tell how others see us/],
    works: "yes yes if yes yes",
  },
  {
    what: "behind a NAT that maps by socket",
    found: BEHIND,
    nat: "independent",
    address: ["warn", /start with --ip 203\.0\.113\.9/],
    works: "yes if no if yes",
    privately: /--ip 203\.0\.113\.9.*forwards UDP port 5001/,
  },
  {
    what: "behind a NAT that maps by address",
    found: { ...BEHIND, mapping: "dependent" },
    nat: "dependent",
    address: ["warn", /192\.168\.1\.5:5001/],
    works: "yes if no if yes",
  },
  {
    what: "behind a NAT, one port alone has answered",
    found: { ...BEHIND, mapping: "unknown" },
    nat: "some",
    address: ["warn", /--ip/],
    works: "yes if no if yes",
  },
  {
    what: "behind a NAT, the right address given",
    found: { ...BEHIND, own: { ip: PUBLIC.ip, port: 5001 } },
    nat: "independent",
    address: ["warn", /the port is changed on the way/],
    works: "yes if no if yes",
    privately: /if the other side asks.*forwards UDP port 5001/,
  },
  {
    what: "an address given where we are not",
    found: { ...WELL, own: { ip: "203.0.113.77", port: 5001 } },
    nat: "none",
    address: ["warn", /leave out --ip/],
    works: "yes no if no yes",
    privately: /leave it out/,
  },
  {
    what: "no answer by UDP",
    found: { ...WELL, seen: undefined, mapping: "unknown" },
    nat: "unknown",
    address: ["warn", /not known/],
    works: "yes if no if yes",
    privately: /your own network/,
  },
  {
    what: "a firewall before our UDP port",
    found: { ...WELL, hears: false },
    nat: "none",
    address: ["ok", /./],
    works: "yes no no no yes",
    privately: /firewall of this machine/,
  },
  {
    what: "behind a NAT, at a registry that relays",
    found: { ...BEHIND, relays: true },
    nat: "independent",
    address: ["warn", /start with --ip/],
    works: "yes yes yes if yes",
    privately: /else through the registry/,
  },
  {
    what: "nobody can dial this machine",
    found: { ...WELL, listens: false, store: "failing" },
    nat: "none",
    address: ["ok", /./],
    works: "yes if no if no",
    privately: /the other side asks/,
  },
  {
    what: "no registry",
    found: { ...noFindings(), store: "kept" },
    nat: "unknown",
    address: ["warn", /not known/],
    works: "no no no no yes",
  },
];

for (const { what, found, nat, address: [status, text], works, privately } of TABLE) {
  Deno.test(`diagnosis: ${what}`, () => {
    assertEquals(natOf(found), nat);
    assertEquals(natCheck(found).status, ["none", "independent"].includes(nat) ? "ok" : "warn");
    const check = addressCheck(found);
    assertEquals(check.status, status);
    assertMatch(check.text, text);
    const features = featuresOf(found);
    assertEquals(features.map((each) => each.works).join(" "), works);
    if (privately) assertMatch(features[1]?.text ?? "", privately);
    for (const feature of features) assertMatch(feature.text, /^[a-z]/);
  });
}
