/**
 * One database of countries or autonomous systems: a file in MaxMind's format (MMDB), as MaxMind and
 * DB-IP give them out (https://maxmind.github.io/MaxMind-DB/).
 *
 * It is in memory as a whole, so that a file that somebody overwrites meanwhile changes no answer.
 * What is in it comes from outside: a text is cut and made visible here, so that whatever shows it
 * shows one line, and what is no country code or number is left out. That the file is damaged may only
 * show in a look-up.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { Reader, type Response } from "mmdb-lib";
import { isSystemError } from "../errors.ts";
import { escapeInvisible } from "../invisible-text.ts";
import type { IpAddress } from "../net/ip-address.ts";

/** Larger than any database of countries, systems or cities. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Records that are kept as they were decoded: many networks share one. */
const MOST_DECODED = 4000;

/** Characters of a name. */
const LONGEST_NAME = 100;

const COUNTRY = /^[A-Z]{2}$/;

/** The largest number of an autonomous system (RFC 6793). */
const MAX_ASN = 0xffff_ffff;

/** Where an address belongs, as far as a database knows. */
export interface Whereabouts {
  /** ISO 3166-1, two capital letters. */
  readonly country: string | undefined;
  /** In English; for people. */
  readonly countryName: string | undefined;
  readonly asn: number | undefined;
  readonly asName: string | undefined;
}

export const NOWHERE: Whereabouts = {
  country: undefined,
  countryName: undefined,
  asn: undefined,
  asName: undefined,
};

/** Tells a file from what it was before. */
export interface FileMark {
  readonly inode: number;
  readonly bytes: number;
  readonly changedAtEpochMs: number;
}

export type GeoReading =
  | { readonly status: "read"; readonly database: GeoDatabase; readonly mark: FileMark }
  /** `reason` names no path. */
  | { readonly status: "unusable"; readonly reason: string; readonly mark: FileMark | undefined };

export class GeoDatabase {
  /** "GeoLite2-Country", "DBIP-ASN-Lite": its own word. */
  readonly type: string;
  readonly builtAtEpochMs: number;
  readonly hasCountries: boolean;
  readonly hasSystems: boolean;
  readonly #reader: Reader<Response>;
  readonly #known = new WeakMap<object, Whereabouts>();

  /** Throws whatever the library throws when `bytes` is no such database. */
  constructor(bytes: Buffer) {
    const decoded = new Map<string | number, unknown>();
    const cache = {
      get: (key: string | number) => decoded.get(key),
      set: (key: string | number, value: unknown) => {
        if (decoded.size >= MOST_DECODED) decoded.clear();
        decoded.set(key, value);
      },
    };
    this.#reader = new Reader(bytes, { cache });
    const { databaseType, buildEpoch, binaryFormatMajorVersion, ipVersion } = this.#reader.metadata;
    const isKnown = binaryFormatMajorVersion === 2 && (ipVersion === 4 || ipVersion === 6);
    if (!isKnown || Number.isNaN(buildEpoch.getTime())) throw new Error("not of version 2");
    this.type = nameOf(databaseType) ?? "";
    this.builtAtEpochMs = buildEpoch.getTime();
    this.hasSystems = /asn|isp|enterprise/i.test(this.type);
    this.hasCountries = /country|city|enterprise|location/i.test(this.type);
    if (!this.hasSystems && !this.hasCountries) throw new Error("of something else");
    // A tree that leads nowhere, or a section that is cut off, shows at once in most files.
    for (const address of ["1.1.1.1", "193.0.0.1"]) this.find(address as IpAddress);
  }

  /** Throws whatever the library throws when the file is damaged there. */
  find(address: IpAddress): Whereabouts {
    if (this.#reader.metadata.ipVersion === 4 && address.includes(":")) return NOWHERE;
    const record: unknown = this.#reader.get(address);
    if (typeof record !== "object" || record === null) return NOWHERE;
    const known = this.#known.get(record);
    if (known !== undefined) return known;
    const whereabouts = whereaboutsIn(record);
    this.#known.set(record, whereabouts);
    return whereabouts;
  }
}

/** @param known its mark when it was last read; of the same file nothing is read again. */
export async function readGeoFile(
  path: string,
  known: FileMark | undefined,
): Promise<GeoReading | "unchanged"> {
  let mark: FileMark | undefined;
  try {
    // Not blocking, or opening a FIFO would wait for its writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    mark = { inode: stats.ino, bytes: stats.size, changedAtEpochMs: stats.mtimeMs };
    if (known !== undefined && isSame(known, mark)) return "unchanged";
    if (!stats.isFile()) return { status: "unusable", reason: "it is no file", mark };
    if (stats.size > MAX_FILE_BYTES) {
      return { status: "unusable", reason: `it has more than ${MAX_FILE_BYTES} bytes`, mark };
    }
    const bytes = await file.readFile();
    return { status: "read", database: new GeoDatabase(bytes), mark };
  } catch (error) {
    const reason = isSystemError(error)
      ? reasonOf(error.code)
      : "it is no database of countries or systems in MaxMind's format";
    return { status: "unusable", reason, mark };
  }
}

function isSame(one: FileMark, other: FileMark): boolean {
  return (
    one.inode === other.inode &&
    one.bytes === other.bytes &&
    one.changedAtEpochMs === other.changedAtEpochMs
  );
}

function reasonOf(code: string | undefined): string {
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "the guard's user may not read it";
  return `it cannot be read (${code})`;
}

/** The same fields with MaxMind and DB-IP. */
function whereaboutsIn(record: object): Whereabouts {
  const country = fieldOf(record, "country") ?? fieldOf(record, "registered_country");
  const code = fieldOf(country, "iso_code");
  const asn = fieldOf(record, "autonomous_system_number");
  const isAsn = Number.isInteger(asn) && (asn as number) >= 0 && (asn as number) <= MAX_ASN;
  return {
    country: typeof code === "string" && COUNTRY.test(code) ? code : undefined,
    countryName: nameOf(fieldOf(fieldOf(country, "names"), "en")),
    asn: isAsn ? (asn as number) : undefined,
    asName: nameOf(fieldOf(record, "autonomous_system_organization")),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** @returns undefined for what is no text, or an empty one. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return escapeInvisible(value.toWellFormed().slice(0, LONGEST_NAME));
}
