/** What 1.2 and 2.x both write when a response was carried out; logwatch counts these lines. */
import type { LegacyResponse } from "../../broker/executors/deed.ts";

/** @returns the same for both dialects; the command or line as it was carried out is quoted. */
export function formatResponseDone(target: string, { name, text }: LegacyResponse): string {
  switch (name) {
    case "hosts-deny":
      return `attackalert: Host ${target} has been blocked via wrappers with string: "${text}"`;
    case "route":
      return `attackalert: Host ${target} has been blocked via dropped route using command: "${text}"`;
    case "command":
      return `attackalert: External command run for host: ${target} using command: "${text}"`;
  }
}
