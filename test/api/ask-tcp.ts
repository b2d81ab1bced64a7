/** One HTTP request over TCP, with every header as it is given and none of a client's own. */
import { type OutgoingHttpHeaders, request } from "node:http";

export interface TcpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** @param port on 127.0.0.1. */
export function askTcp(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders,
  { method = "GET", body }: { readonly method?: string; readonly body?: string } = {},
): Promise<TcpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false };
    const asked = request(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
