/** The kind of an event in one word and its colour; one that is not known has none. */

const TONES: Readonly<Record<string, string>> = {
  verdict: "amber",
  ban: "red",
  unban: "green",
  exonerated: "green",
  trust: "green",
  spared: "slate",
  refused: "violet",
  failed: "violet",
  response: "slate",
  health: "violet",
  request: "slate",
};

export function EventKind({ kind }: { readonly kind: string }) {
  return <span class={`tag is-${TONES[kind] ?? "slate"}`}>{kind.replaceAll("-", " ")}</span>;
}
