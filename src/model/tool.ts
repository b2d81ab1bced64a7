/**
 * The programs that probes can be told by. A name is a description, never evidence: every header
 * field is the sender's, so anybody can look like any of them.
 */
export const TOOLS = [
  "masscan",
  "nmap",
  "zmap",
  "hping3",
  "mirai",
  /** Whatever it was let an operating system's own TCP make its packets, as any client does. */
  "connect",
] as const;

export type Tool = (typeof TOOLS)[number];

export function isTool(name: string): name is Tool {
  return (TOOLS as readonly string[]).includes(name);
}
