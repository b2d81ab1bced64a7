import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type ApiFault, askApi } from "../../src/dashboard/api-client.ts";

/** What is made of an answer of a server. */
async function asked(answer: RequestListener): Promise<unknown> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await askApi(`http://127.0.0.1:${port}/v1/bans`).catch(
      ({ name, status, message }: ApiFault) => ({ name, status, message }),
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("askApi", () => {
  it("gives what was answered", async () => {
    expect(await asked((_, reply) => void reply.end("[1]"))).toEqual([1]);
  });

  it("takes an answer that breaks off in its body for none", async () => {
    const answer = await asked((_, reply) => {
      reply.writeHead(200, { "content-length": "1000" });
      reply.write("[", () => reply.destroy());
    });
    expect(answer).toMatchObject({ status: 0, message: "The guard does not answer." });
  });

  it.each([
    { what: "a page of something else", status: 200, body: "<html>", told: 0 },
    { what: "a fault of something else", status: 502, body: "<html>", told: 502 },
  ])("says of $what that it is not the guard's", async ({ status, body, told }) => {
    const answer = await asked((_, reply) => void reply.writeHead(status).end(body));
    const message = `It was answered with ${status}, and not by the guard.`;
    expect(answer).toMatchObject({ status: told, message });
  });

  it("has the guard's own words of a refusal", async () => {
    const body = JSON.stringify({ error: "ERR_USAGE", message: "no such address" });
    const answer = await asked((_, reply) => void reply.writeHead(400).end(body));
    expect(answer).toMatchObject({ status: 400, message: "no such address" });
  });
});
