/**
 * API_TOKEN_FILE and API_READ_TOKEN_FILE on the privileged side: where they lie, and what is wrong
 * with them.
 */
import { join } from "node:path";
import { openApiToken } from "../broker/api-token.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";

/** Its name in the state directory, where nobody says another one. */
export const API_TOKEN_FILE = "api.token";

/** What the documents call the one that reads alone, where it lies there, too. */
export const API_READ_TOKEN_FILE = "api-read.token";

export interface ApiTokenPlaces {
  readonly stateDirectory: string;
  readonly operatorGid: number | undefined;
  readonly health: Pick<HealthTracker, "raise" | "clear">;
}

/** SHA-256 of each; undefined where none is needed, or none may be used, which is told. */
export interface ApiTokenHashes {
  readonly hash: string | undefined;
  /** Of the one that reads alone. */
  readonly readHash: string | undefined;
}

const NONE: ApiTokenHashes = { hash: undefined, readHash: undefined };

/** Reads the files anew, and makes each where it is not there. */
export function readApiTokens(
  values: Pick<Settings, "API_LISTEN" | "API_TOKEN_FILE" | "API_READ_TOKEN_FILE">,
  { stateDirectory, operatorGid, health }: ApiTokenPlaces,
): ApiTokenHashes {
  const refuse = (text: string) =>
    health.raise(
      "api-token-refused",
      "warning",
      text,
      "Mend it and run `vedette reload`; where the file is removed, another one is made.",
    );
  if (values.API_LISTEN === undefined) {
    health.clear("api-token-refused");
    return NONE;
  }
  const path = values.API_TOKEN_FILE ?? join(stateDirectory, API_TOKEN_FILE);
  const reading = openApiToken(path, operatorGid);
  if (reading.status === "refused") {
    refuse(`The API is not served on TCP: ${reading.reason}.`);
    return NONE;
  }
  const { hash } = reading;
  const readPath = values.API_READ_TOKEN_FILE;
  const forReading = readPath === undefined ? undefined : openApiToken(readPath, operatorGid);
  if (forReading?.status === "refused") {
    refuse(`Nobody is let in by API_READ_TOKEN_FILE: ${forReading.reason}.`);
    return { hash, readHash: undefined };
  }
  health.clear("api-token-refused");
  return { hash, readHash: forReading?.hash };
}
