/**
 * What a dropped packet must look like to become a line of the block log: whole numbers within
 * their fields, addresses that parse, and hexadecimal digits. No text of the guard's gets through.
 */
import { z } from "zod";
import { type DroppedPacket, LONGEST_LINK_HEADER } from "../model/dropped-packet.ts";
import { familyOf } from "../net/ip-address.ts";
import { address } from "./address-schema.ts";

const octet = z.number().int().min(0).max(0xff);
const twoOctets = z.number().int().min(0).max(0xffff);

const transport = z.discriminatedUnion("protocol", [
  z.strictObject({
    protocol: z.literal("tcp"),
    sourcePort: twoOctets,
    destinationPort: twoOctets,
    window: twoOctets,
    reservedBits: z.number().int().min(0).max(0xf),
    flags: octet,
    urgentPointer: twoOctets,
  }),
  z.strictObject({
    protocol: z.literal("udp"),
    sourcePort: twoOctets,
    destinationPort: twoOctets,
    lengthBytes: twoOctets,
  }),
  z.strictObject({
    protocol: z.literal("icmp"),
    type: octet,
    code: octet,
    echo: z.strictObject({ identifier: twoOctets, sequence: twoOctets }).nullable(),
  }),
  z.strictObject({
    protocol: z.literal("other"),
    number: octet,
    incompleteBytes: twoOctets.nullable(),
  }),
]);

/** The schema of {@link DroppedPacket}. */
export const droppedPacket = z
  .strictObject({
    interfaceIndex: z.number().int().min(0).max(0x7fff_ffff),
    linkHeader: z.string().regex(new RegExp(`^(?:[0-9a-f]{2}){0,${LONGEST_LINK_HEADER}}$`)),
    source: address,
    destination: address,
    // An IPv6 length field counts without its header.
    lengthBytes: z
      .number()
      .int()
      .min(0)
      .max(0xffff + 40),
    trafficClass: octet,
    ttlHops: octet,
    identification: twoOctets,
    fragmentField: twoOctets,
    flowLabel: z.number().int().min(0).max(0xfffff),
    transport,
  })
  .refine(({ source, destination }) => familyOf(source) === familyOf(destination), {
    message: "two address families",
  }) satisfies z.ZodType<DroppedPacket>;
