/**
 * Lines to the standard output, from which nothing depends.
 *
 * Whoever reads it may go (a closed pipe, a terminal that hangs up); the guard goes on without,
 * since a ban must not end with a log reader.
 */

/** @returns a function that writes text, for as long as somebody reads it. */
export function openStandardOutput(): (text: string) => void {
  process.stdout.on("error", () => {});
  return (text) => {
    if (process.stdout.writable) process.stdout.write(text);
  };
}
