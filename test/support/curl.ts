/** Asks a guard over TCP from inside a namespace, with curl. */
import type { Namespace } from "./namespaces.ts";

export interface Curled {
  /** Of HTTP; 0: nobody has answered. */
  readonly status: number;
  readonly body: string;
}

export async function curl(namespace: Namespace, url: string, ...args: string[]): Promise<Curled> {
  const options = ["--silent", "--max-time", "5", "--write-out", "\n%{http_code}", ...args];
  const { stdout } = await namespace.exec("curl", [...options, url], 30_000);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}
