/** API_TOKEN_FILE on the privileged side: where it lies, and what is wrong with it. */
import { join } from "node:path";
import { openApiToken } from "../broker/api-token.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";

/** Its name in the state directory, where nobody says another one. */
export const API_TOKEN_FILE = "api.token";

export interface ApiTokenPlaces {
  readonly stateDirectory: string;
  readonly operatorGid: number | undefined;
  readonly health: Pick<HealthTracker, "raise" | "clear">;
}

/**
 * Reads the file anew, and makes it where it is not there.
 * @returns the token's SHA-256; undefined where none is needed, or none may be used, which is told.
 */
export function readApiToken(
  values: Pick<Settings, "API_LISTEN" | "API_TOKEN_FILE">,
  { stateDirectory, operatorGid, health }: ApiTokenPlaces,
): string | undefined {
  if (values.API_LISTEN === undefined) {
    health.clear("api-token-refused");
    return undefined;
  }
  const path = values.API_TOKEN_FILE ?? join(stateDirectory, API_TOKEN_FILE);
  const reading = openApiToken(path, operatorGid);
  if (reading.status === "read") {
    health.clear("api-token-refused");
    return reading.hash;
  }
  health.raise(
    "api-token-refused",
    "warning",
    `The API is not served on TCP: ${reading.reason}.`,
    "Mend it and run `vedette reload`; where the file is removed, another one is made.",
  );
  return undefined;
}
