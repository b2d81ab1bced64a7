/** Bans an address by hand, or once more whom somebody has just let in. */
import { useId, useRef, useState } from "preact/hooks";
import { ban } from "../acts.ts";
import { banningAgain, type EndedBan } from "../banning-again.ts";
import { printable } from "../printable.ts";
import { useCell } from "../use-cell.ts";
import { type Span, spansAfter } from "./ban-spans.ts";
import { Dialog } from "./dialog.tsx";

const SPANS: readonly Span[] = [
  { name: "10 minutes", seconds: 600 },
  { name: "1 hour", seconds: 3600 },
  { name: "1 day", seconds: 86_400 },
  { name: "7 days", seconds: 604_800 },
  { name: "for good", seconds: null },
];

export interface BanDialogProps {
  /** Filled in already; "": the user names it. */
  readonly address: string;
  /** A ban on it that was just ended; undefined: there is none. */
  readonly ended?: EndedBan | undefined;
  readonly onClose: () => void;
}

/** Opens when somebody takes back that he has let an address in. */
export function BanAgainDialog() {
  const ended = useCell(banningAgain);
  if (ended === undefined) return null;
  const close = (): void => banningAgain.set(undefined);
  return <BanDialog address={ended.address} ended={ended} onClose={close} />;
}

export function BanDialog({ address: given, ended, onClose }: BanDialogProps) {
  const [address, setAddress] = useState(given);
  const [reason, setReason] = useState("");
  const spans = ended === undefined ? SPANS : [...spansAfter(ended), ...SPANS];
  const [span, setSpan] = useState(ended === undefined ? 1 : 0);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const refusalId = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    const said = await ban(address.trim(), spans[span]?.seconds ?? null, reason.trim());
    setAsking(false);
    setRefusal(said);
    if (said === undefined) onClose();
    else field.current?.select();
  };
  return (
    <Dialog
      title={ended === undefined ? "Ban an address" : `Ban ${printable(given)} again`}
      onClose={onClose}
    >
      <p class="dim">
        {ended !== undefined && ended.origin !== "operator"
          ? "The ban that ended stood on what it did. This one stands on your word alone, and says so."
          : "It is banned by you: on your word alone, whatever it did."}
      </p>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <label class="field">
          Address or prefix
          <input
            ref={field}
            type="text"
            required
            maxLength={100}
            autocomplete="off"
            spellcheck={false}
            placeholder="192.0.2.7 or 2001:db8::/64"
            value={address}
            aria-invalid={refusal !== undefined}
            aria-describedby={refusalId}
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
        </label>
        <p id={refusalId} class="problem" role="alert">
          {refusal}
        </p>
        <label class="field">
          How long
          <select value={span} onChange={(event) => setSpan(Number(event.currentTarget.value))}>
            {spans.map(({ name }, place) => (
              <option key={name} value={place}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Reason, if there is one
          <input
            type="text"
            maxLength={200}
            autocomplete="off"
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <div class="dialog-buttons">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="primary" disabled={isAsking || address.trim() === ""}>
            Ban it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
