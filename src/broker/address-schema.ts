/** What an address has to look like to cross the privilege boundary: text that parses as one. */
import { z } from "zod";
import { type IpAddress, parseIpAddress } from "../net/ip-address.ts";

/** Turns text into a canonical address. */
export const address = z.string().transform((text, context): IpAddress => {
  const parsed = parseIpAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "not an address" });
  return z.NEVER;
});
