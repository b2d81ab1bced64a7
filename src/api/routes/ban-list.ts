/**
 * GET /bans.txt: the bans in force as plain text, for the firewall at the edge of a network.
 *
 * One address or prefix a line, in their order, IPv4 first; none lies inside another, and halves of
 * a block are one block. Claimed bans are left out unless they are asked for: anybody can have forged
 * them, and they last a minute. What a person has banned is in the list in any case. The tag (ETag)
 * says whether it is another list than the one that a reader has.
 */
import { z } from "zod";
import { API_PATHS } from "../contract.ts";
import { route } from "../route.ts";

const querySchema = z.strictObject({
  evidence: z
    .enum(["claimed", "alive", "proven"], { error: "expected claimed, alive or proven" })
    .prefault("alive"),
  family: z
    .enum(["4", "6"], { error: "expected 4 or 6" })
    .transform((text) => (text === "4" ? 4 : 6))
    .optional(),
});

export const banListRoutes = [
  route({
    method: "GET",
    path: API_PATHS.banList,
    summary: "Lists the bans in force for other firewalls, one address or prefix a line.",
    query: querySchema,
    reply: z.string(),
    media: "text/plain; charset=utf-8",
    answer: async ({ operator }, { query: { evidence, family }, reply }) => {
      const { tag, text } = await operator.banList({ evidence, family });
      reply.set("etag", `"${tag}"`);
      return ReadableStream.from(encode(text()));
    },
  }),
];

async function* encode(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
