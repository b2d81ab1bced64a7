/** One HTTP request over a Unix socket, without a client of ours in between. */
import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** @param body sent as it is, in chunks of unannounced length if it is a list; undefined: none. */
export function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: string | readonly string[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: reply.statusCode ?? 0,
          type: reply.headers["content-type"],
          body: text === "" ? undefined : JSON.parse(text),
        });
      });
    });
    asked.on("error", reject);
    if (Array.isArray(body)) for (const chunk of body) asked.write(chunk);
    asked.end(typeof body === "string" ? body : undefined);
  });
}
