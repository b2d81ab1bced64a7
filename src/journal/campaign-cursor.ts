/**
 * A place in the list of campaigns as text: when the last probe of the campaign that stood there came,
 * its row, and a check value, so that a text that lost or changed a letter on its way is no other
 * place. It is no secret: whoever asks may list every campaign.
 *
 * A campaign that is probed again moves to the front. Its cursor stays where it was, so that whoever
 * reads the list page by page goes on where he was, also over a restart. No id of a campaign has a
 * dot.
 */
import { createHash } from "node:crypto";

export interface CampaignPlace {
  readonly lastEpochMs: number;
  /** Of the row. */
  readonly id: number;
}

/** Hexadecimal digits of the check value. */
const CHECK_DIGITS = 8;

const CURSOR = /^(\d{1,16})\.(\d{1,16})\.[0-9a-f]{8}$/;

export function encodeCursor({ lastEpochMs, id }: CampaignPlace): string {
  const place = `${lastEpochMs}.${id}`;
  const check = createHash("sha256").update(place).digest("hex").slice(0, CHECK_DIGITS);
  return `${place}.${check}`;
}

/** Never throws. @returns undefined for what {@link encodeCursor} does not make. */
export function decodeCursor(text: string): CampaignPlace | undefined {
  const match = CURSOR.exec(text);
  if (match === null) return undefined;
  const place = { lastEpochMs: Number(match[1]), id: Number(match[2]) };
  return encodeCursor(place) === text ? place : undefined;
}
