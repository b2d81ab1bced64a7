/**
 * How sure we are that a source is who it says.
 *
 * A source address is a claim. `claimed`: a packet came, which anybody can forge. `alive`: the
 * address answered our challenge, so it exists, which does not prove that it sent the probe.
 * `proven`: a TCP handshake was completed on a port that nothing serves, which nobody off the path
 * can fake.
 */
export const EVIDENCE_LEVELS = ["claimed", "alive", "proven"] as const;

/** See the file comment; ordered from weakest to strongest. */
export type Evidence = (typeof EVIDENCE_LEVELS)[number];
