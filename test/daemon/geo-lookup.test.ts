import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GeoDatabase } from "../../src/daemon/geo-file.ts";
import { GeoLookup } from "../../src/daemon/geo-lookup.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { type MmdbValue, mmdbOf } from "../support/mmdb.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

const country = (code: string, name = "Somewhere"): MmdbValue => ({
  continent: { code: "EU", names: { en: "Europe" } },
  country: { iso_code: code, geoname_id: 1, names: { de: "Irgendwo", en: name } },
});

const system = (asn: number, name: string): MmdbValue => ({
  autonomous_system_number: asn,
  autonomous_system_organization: name,
});

const countries = (records: Record<string, MmdbValue>) =>
  mmdbOf({ type: "GeoLite2-Country", records });

const systems = (records: Record<string, MmdbValue>) => mmdbOf({ type: "DBIP-ASN-Lite", records });

let folder: string;
let health: HealthTracker;
let geo: GeoLookup;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-geo-"));
  health = new HealthTracker(() => 0);
  geo = new GeoLookup(health);
});
afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const problem = () => health.list()[0]?.text;

describe("GeoDatabase", () => {
  const find = (bytes: Buffer, address: string) =>
    new GeoDatabase(bytes).find(address as IpAddress);

  it("finds what holds an address, the narrowest, of both families", () => {
    const bytes = countries({
      "198.51.0.0/16": country("NL"),
      "198.51.100.0/24": country("DE"),
      "2001:db8::/32": country("FR"),
    });
    const codeOf = (address: string) => find(bytes, address).country;
    expect(codeOf("198.51.99.255")).toBe("NL");
    expect(codeOf("198.51.100.0")).toBe("DE");
    expect(codeOf("198.51.101.0")).toBe("NL");
    expect(codeOf("198.52.0.0")).toBeUndefined();
    expect(codeOf("2001:db8:ffff::1")).toBe("FR");
    expect(codeOf("2001:db9::")).toBeUndefined();
  });

  it("tells English names and numbers, and where a country is registered if no more is known", () => {
    const place = country("NL", "The Netherlands") as Record<string, MmdbValue>;
    const bytes = mmdbOf({
      type: "GeoIP2-Enterprise",
      records: {
        "192.0.2.0/24": { ...place, ...(system(64500, "Example") as object) },
        "198.51.100.0/24": { registered_country: { iso_code: "SE" } },
      },
    });
    expect(find(bytes, "192.0.2.1")).toEqual({
      country: "NL",
      countryName: "The Netherlands",
      asn: 64500,
      asName: "Example",
    });
    expect(find(bytes, "198.51.100.1").country).toBe("SE");
  });

  it("lets no text through that could turn a line around, is too long, or is no code", () => {
    const bytes = mmdbOf({
      type: "DBIP-ASN-Country",
      records: {
        "192.0.2.0/24": system(1, "a\u001b[31m\n\u202e"),
        "198.51.100.0/24": system(2, "x".repeat(280)),
        "203.0.113.0/24": country("<b>"),
        "203.0.112.0/24": { country: "NL", autonomous_system_number: "5" },
        "203.0.111.0/24": { ["__proto__"]: country("NL") },
      },
    });
    expect(find(bytes, "192.0.2.1").asName).toBe("a\\x1b[31m\\x0a\\u{202e}");
    expect(find(bytes, "198.51.100.1").asName).toBe("x".repeat(100));
    for (const address of ["203.0.113.1", "203.0.112.1", "203.0.111.1"]) {
      expect(find(bytes, address)).toMatchObject({ country: undefined, asn: undefined });
    }
  });

  it("is made of no other bytes, and never ends a look-up but by an answer or an error", () => {
    const whole = countries({ "198.51.100.0/24": country("NL"), "2001:db8::/32": country("DE") });
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of changes) bytes[at] = byte;
        try {
          find(bytes, "198.51.100.1");
          find(bytes, "2001:db8::1");
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe("GeoLookup", () => {
  it("joins what several files know", async () => {
    const paths = [
      await put("country", countries({ "198.51.100.0/24": country("NL") })),
      await put("asn", systems({ "198.51.0.0/16": system(64500, "Example") })),
      await put("other", countries({ "198.51.0.0/16": country("DE") })),
    ];
    await geo.follow(paths);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({ country: "NL", asn: 64500 });
    expect(geo.fieldsOf(prefix("198.51.7.7"))).toEqual({ country: "DE", asn: 64500 });
    expect(geo.fieldsOf(prefix("2001:db8::/64"))).toEqual({ country: null, asn: null });
    expect(health.list()).toEqual([]);
  });

  it("goes by the order of the files, also when a reload has changed it", async () => {
    const one = await put("one", countries({ "198.51.100.0/24": country("NL") }));
    const other = await put("other", countries({ "198.51.100.0/24": country("DE") }));
    await geo.follow([one, other]);
    expect(geo.find(prefix("198.51.100.7")).country).toBe("NL");
    await geo.follow([other, one]);
    expect(geo.find(prefix("198.51.100.7")).country).toBe("DE");
  });

  it("has fields of what there are files for, and none without", async () => {
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({});
    const path = await put("asn", systems({ "198.51.0.0/16": system(64500, "Example") }));
    await geo.follow([path]);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({ asn: 64500 });
    await geo.follow([]);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({});
  });

  it.each([
    { name: "one that is not there", bytes: undefined, reason: "it does not exist" },
    { name: "an empty one", bytes: Buffer.alloc(0), reason: "it is no database" },
    { name: "a text", bytes: Buffer.from("NL\n".repeat(999)), reason: "it is no database" },
    {
      name: "a database of something else",
      bytes: mmdbOf({ type: "GeoIP2-Domain", records: {} }),
      reason: "it is no database",
    },
    {
      name: "one that is cut off",
      bytes: countries({ "198.51.100.0/24": country("NL") }).subarray(0, -40),
      reason: "it is no database",
    },
  ])("uses the others besides $name, and says which it is", async ({ bytes, reason }) => {
    const good = await put("good", countries({ "198.51.100.0/24": country("NL") }));
    const bad = bytes === undefined ? join(folder, "bad") : await put("bad", bytes);
    await geo.follow([bad, good]);
    expect(problem()).toContain(`${bad}: ${reason}`);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({ country: "NL" });
    await put("bad", systems({ "198.51.100.0/24": system(64500, "Example") }));
    await geo.refresh();
    expect(problem()).toBeUndefined();
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({ country: "NL", asn: 64500 });
  });

  it("says that it is no file", async () => {
    await geo.follow([folder]);
    expect(problem()).toContain(`${folder}: it is no file`);
  });

  it("waits for nobody who would write into a pipe", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const good = await put("good", countries({ "198.51.100.0/24": country("NL") }));
    await geo.follow([pipe, good]);
    expect(problem()).toContain(`${pipe}: it is no file`);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({ country: "NL" });
  });

  it("reads what has changed, and keeps what was good of what is not any more", async () => {
    const path = await put("one", countries({ "198.51.100.0/24": country("NL") }));
    await geo.follow([path]);
    await put("one", countries({ "198.51.100.0/24": country("DE"), "10.0.0.0/8": country("FR") }));
    await geo.refresh();
    expect(geo.find(prefix("198.51.100.7")).country).toBe("DE");
    await put("one", Buffer.from("not yet"));
    await geo.refresh();
    expect(geo.find(prefix("198.51.100.7")).country).toBe("DE");
    expect(problem()).toContain("(what it was before is used)");
    await rm(path);
    await geo.refresh();
    expect(geo.find(prefix("198.51.100.7")).country).toBe("DE");
    expect(problem()).toContain("it does not exist (what it was before is used)");
  });

  it("gives up a file that is damaged where somebody stands, and says so", async () => {
    const bytes = countries({ "198.51.100.0/24": country("NL") });
    // The type of the record: one that there is not.
    bytes.fill(0xff, bytes.indexOf("continent") - 2, bytes.indexOf("continent"));
    const path = await put("damaged", bytes);
    await geo.follow([path]);
    expect(problem()).toBeUndefined();
    expect(geo.find(prefix("198.51.100.7")).country).toBeUndefined();
    expect(problem()).toContain(`${path}: it is damaged where 198.51.100.7 stands`);
    expect(geo.fieldsOf(prefix("198.51.100.7"))).toEqual({});
    await geo.refresh();
    expect(problem()).toContain("it is damaged");
  });
});
