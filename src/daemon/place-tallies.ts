/**
 * Adds up campaigns by the country and by the autonomous system of their sources.
 *
 * A sender can forge addresses of every country and every system. Their number is that of the files of
 * GEO_DB, about a hundred thousand systems, and an entry takes some hundred bytes while it is counted.
 */
import type { SourcesView } from "../api/contract.ts";
import type { CountedCampaign } from "../journal/stories.ts";
import { isIpv4Words } from "../net/address-words.ts";
import { type Prefix, prefixOfWords } from "../net/prefix.ts";
import { NOWHERE, type Whereabouts } from "./geo-file.ts";
import type { GeoLookup } from "./geo-lookup.ts";
import { CampaignTally, wordsOfKey } from "./network-runs.ts";
import { tallyView } from "./tally-view.ts";
import { isoTime } from "./views.ts";

interface Place<Key> {
  readonly key: Key | null;
  readonly name: string | null;
  readonly tally: CampaignTally;
}

type Places<Key> = Map<Key | undefined, Place<Key>>;

export class PlaceTallies {
  readonly #geo: Pick<GeoLookup, "databases" | "find">;
  readonly #hasCountries: boolean;
  readonly #hasSystems: boolean;
  readonly #countries: Places<string> = new Map();
  readonly #systems: Places<number> = new Map();
  /** Of the source at hand: campaigns of one source come one after the other. */
  #whereabouts: Whereabouts = NOWHERE;

  constructor(geo: Pick<GeoLookup, "databases" | "find">) {
    this.#geo = geo;
    const databases = geo.databases();
    this.#hasCountries = databases.some(({ hasCountries }) => hasCountries);
    this.#hasSystems = databases.some(({ hasSystems }) => hasSystems);
  }

  /** @param isNewSource its source is another than that of the campaign before. */
  add(campaign: CountedCampaign, isNewSource: boolean): void {
    if (!this.#isAsked()) return;
    if (isNewSource) this.#whereabouts = this.#geo.find(hostOf(campaign.sourceKey));
    const { country, countryName, asn, asName } = this.#whereabouts;
    placeIn(this.#countries, country, countryName).tally.add(campaign, isNewSource);
    placeIn(this.#systems, asn, asName).tally.add(campaign, isNewSource);
  }

  /** A ban counts where the lowest address of its prefix belongs, if anybody has probed from there. */
  addBan(prefix: Prefix): void {
    if (!this.#isAsked()) return;
    const { country, asn } = this.#geo.find(prefix);
    const places = [this.#countries.get(country), this.#systems.get(asn)];
    for (const place of places) if (place !== undefined) place.tally.banned += 1;
  }

  /** @param most of each. */
  view(most: number): Pick<SourcesView, "countries" | "asns" | "databases"> {
    const countries = busiestOf(this.#countries, most).map(({ key, name, tally }) => ({
      country: key,
      name,
      ...tallyView(tally),
    }));
    const asns = busiestOf(this.#systems, most).map(({ key, name, tally }) => ({
      asn: key,
      name,
      ...tallyView(tally),
    }));
    return {
      countries: this.#hasCountries ? countries : null,
      asns: this.#hasSystems ? asns : null,
      databases: this.#geo.databases().map(({ type, builtAtEpochMs }) => ({
        type,
        built: isoTime(builtAtEpochMs),
      })),
    };
  }

  #isAsked(): boolean {
    return this.#hasCountries || this.#hasSystems;
  }
}

function placeIn<Key>(
  places: Places<Key>,
  key: Key | undefined,
  name: string | undefined,
): Place<Key> {
  let place = places.get(key);
  if (place === undefined) {
    place = { key: key ?? null, name: name ?? null, tally: new CampaignTally() };
    places.set(key, place);
  }
  return place;
}

function busiestOf<Key>(places: Places<Key>, most: number): Place<Key>[] {
  return [...places.values()]
    .sort((one, other) => other.tally.probes - one.tally.probes)
    .slice(0, most);
}

/** The lowest address of a source, by its key. */
function hostOf(sourceKey: string): Prefix {
  const words = wordsOfKey(sourceKey);
  return prefixOfWords(words, isIpv4Words(words) ? 32 : 128);
}
