/**
 * Where addresses belong, by the files of GEO_DB. Nothing is judged by it: it is for people to read.
 *
 * The guard reads the files itself, without privileges: they come from outside and need care, and
 * what they say is told to nobody who may not read them. One that cannot be used is a health problem
 * and counts for nothing, the others go on. Files that have changed are read again with
 * {@link GeoLookup.refresh}; what was in force stays until the new one is read.
 */
import type { HealthTracker } from "../health/tracker.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import {
  type FileMark,
  type GeoDatabase,
  NOWHERE,
  readGeoFile,
  type Whereabouts,
} from "./geo-file.ts";

interface KnownFile {
  database: GeoDatabase | undefined;
  mark: FileMark | undefined;
  /** Why it is not used; undefined: it is. */
  reason: string | undefined;
}

/** What of it stands beside an address in the API. */
export interface PlacedFields {
  readonly country?: string | null;
  readonly asn?: number | null;
}

export class GeoLookup {
  readonly #health: Pick<HealthTracker, "raise" | "clear">;
  #paths: readonly string[] = [];
  readonly #files = new Map<string, KnownFile>();
  #turn: Promise<void> = Promise.resolve();

  constructor(health: Pick<HealthTracker, "raise" | "clear">) {
    this.#health = health;
  }

  /** Goes by these files from now on. @returns when they are read. */
  follow(paths: readonly string[]): Promise<void> {
    this.#paths = paths;
    return this.refresh();
  }

  /** Reads what has changed. @returns when it is done. May be called again meanwhile. */
  refresh(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#read());
    return this.#turn;
  }

  /** The databases that are in use. */
  databases(): GeoDatabase[] {
    return this.#paths.flatMap((path) => this.#files.get(path)?.database ?? []);
  }

  /** The first file that knows a country, or a system, says it. @returns of the lowest address. */
  find(prefix: Prefix): Whereabouts {
    let found = NOWHERE;
    const address = firstAddressOf(prefix);
    for (const path of this.#paths) {
      const file = this.#files.get(path);
      if (file?.database === undefined) continue;
      try {
        found = joined(found, file.database.find(address));
      } catch {
        // Whatever the library makes of damaged bytes; the rest of the file is worth no more.
        file.database = undefined;
        file.reason = `it is damaged where ${address} stands`;
        this.#tell();
      }
    }
    return found;
  }

  /** @returns nothing of what no file is there for. */
  fieldsOf(prefix: Prefix): PlacedFields {
    const databases = this.databases();
    if (databases.length === 0) return {};
    const { country, asn } = this.find(prefix);
    return {
      ...(databases.some(({ hasCountries }) => hasCountries) && { country: country ?? null }),
      ...(databases.some(({ hasSystems }) => hasSystems) && { asn: asn ?? null }),
    };
  }

  async #read(): Promise<void> {
    const paths = this.#paths;
    for (const path of this.#files.keys()) if (!paths.includes(path)) this.#files.delete(path);
    for (const path of paths) {
      const known = this.#files.get(path);
      const reading = await readGeoFile(path, known?.mark);
      if (reading === "unchanged") continue;
      const isRead = reading.status === "read";
      this.#files.set(path, {
        // Of one that is being replaced, or is gone, what was read stays good.
        database: isRead ? reading.database : known?.database,
        mark: reading.mark,
        reason: isRead ? undefined : reading.reason,
      });
    }
    this.#tell();
  }

  #tell(): void {
    const faults = [...this.#files].flatMap(([path, { reason, database }]) => {
      if (reason === undefined) return [];
      return [`${path}: ${reason}${database === undefined ? "" : " (what it was before is used)"}`];
    });
    if (faults.length === 0) this.#health.clear("geo-unusable");
    else {
      const text = `Countries or networks are not told by every file of GEO_DB: ${faults.join("; ")}.`;
      const action = "Put a whole file there that the guard's user can read, and `vedette reload`.";
      this.#health.raise("geo-unusable", "notice", text, action);
    }
  }
}

function joined(one: Whereabouts, other: Whereabouts): Whereabouts {
  const place = one.country === undefined ? other : one;
  const system = one.asn === undefined ? other : one;
  return {
    country: place.country,
    countryName: place.countryName,
    asn: system.asn,
    asName: system.asName,
  };
}
