/** Bans an address by hand. */
import { useId, useRef, useState } from "preact/hooks";
import { ban } from "../acts.ts";
import { Dialog } from "./dialog.tsx";

const SPANS: readonly (readonly [name: string, seconds: number | null])[] = [
  ["10 minutes", 600],
  ["1 hour", 3600],
  ["1 day", 86_400],
  ["7 days", 604_800],
  ["for good", null],
];

export interface BanDialogProps {
  /** Filled in already; "": the user names it. */
  readonly address: string;
  readonly onClose: () => void;
}

export function BanDialog({ address: given, onClose }: BanDialogProps) {
  const [address, setAddress] = useState(given);
  const [reason, setReason] = useState("");
  const [span, setSpan] = useState(1);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const refusalId = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    const said = await ban(address.trim(), SPANS[span]?.[1] ?? null, reason.trim());
    setAsking(false);
    setRefusal(said);
    if (said === undefined) onClose();
    else field.current?.select();
  };
  return (
    <Dialog title="Ban an address" onClose={onClose}>
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
            {SPANS.map(([name], place) => (
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
