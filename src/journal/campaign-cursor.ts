/**
 * A place in the list of campaigns as text: when the last probe of the campaign that stood there came,
 * and its row.
 *
 * A campaign that is probed again moves to the front. Its cursor stays where it was, so that whoever
 * reads the list page by page goes on where he was. No id of a campaign has a dot.
 */

export interface CampaignPlace {
  readonly lastEpochMs: number;
  /** Of the row. */
  readonly id: number;
}

const CURSOR = /^(\d{1,16})\.(\d{1,16})$/;

export function encodeCursor({ lastEpochMs, id }: CampaignPlace): string {
  return `${lastEpochMs}.${id}`;
}

/** Never throws. @returns undefined for what {@link encodeCursor} does not make. */
export function decodeCursor(text: string): CampaignPlace | undefined {
  const match = CURSOR.exec(text);
  const [lastEpochMs, id] = [Number(match?.[1]), Number(match?.[2])];
  const isPlace = Number.isSafeInteger(lastEpochMs) && Number.isSafeInteger(id);
  return isPlace ? { lastEpochMs, id } : undefined;
}
