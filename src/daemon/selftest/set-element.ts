/** Finds one element in the listing of a set (libnftables-json(5)), with the time that it has left. */
import { z } from "zod";

const timedSchema = z.object({
  elem: z.object({
    val: z.unknown(),
    timeout: z.number().optional(),
    expires: z.number().optional(),
  }),
});

const listingSchema = z.object({
  nftables: z.array(
    z.looseObject({ set: z.object({ elem: z.array(z.unknown()).optional() }).optional() }),
  ),
});

export interface SetElement {
  /** Whole seconds that it has left; undefined: it stays until it is taken out. */
  readonly expiresSeconds: number | undefined;
}

/** @returns undefined when `address` is not in the set, or there is no such listing. */
export function findElement(listing: unknown, address: string): SetElement | undefined {
  const parsed = listingSchema.safeParse(listing);
  if (!parsed.success) return undefined;
  for (const element of parsed.data.nftables.flatMap(({ set }) => set?.elem ?? [])) {
    if (element === address) return { expiresSeconds: undefined };
    const timed = timedSchema.safeParse(element);
    if (timed.success && timed.data.elem.val === address) {
      return { expiresSeconds: timed.data.elem.expires };
    }
  }
  return undefined;
}
