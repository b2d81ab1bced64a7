/** Reads /proc/net/raw of Linux, whose last column is what a socket has dropped. Pure. */

/** A socket's line; the local port is the protocol, and 6 is TCP. */
const TCP_LINE = /^ *\d+: [0-9A-F]+:0006 .* (\d+) *$/gm;

/** @returns packets that the raw TCP sockets in it had no room for. */
export function dropsOf(text: string): number {
  return [...text.matchAll(TCP_LINE)].reduce((sum, [, drops]) => sum + Number(drops), 0);
}
