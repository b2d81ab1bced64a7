/** Asks for how long somebody is to be trusted. */
import { useId, useState } from "preact/hooks";
import { trust } from "../acts.ts";
import { printable } from "../printable.ts";
import { Dialog } from "./dialog.tsx";

const CHOICES: readonly (readonly [name: string, seconds: number | null])[] = [
  ["for 8 hours", 8 * 3600],
  ["for 7 days", 7 * 86_400],
  ["until that is taken back", null],
];

export interface TrustDialogProps {
  readonly address: string;
  readonly isBanned: boolean;
  readonly onClose: () => void;
}

export function TrustDialog({ address, isBanned, onClose }: TrustDialogProps) {
  const [chosen, setChosen] = useState(0);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const refusalId = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    const said = await trust(address, CHOICES[chosen]?.[1] ?? null, isBanned);
    setAsking(false);
    setRefusal(said);
    if (said === undefined) onClose();
  };
  return (
    <Dialog title={`Trust ${printable(address)}`} onClose={onClose}>
      <p class="dim">
        It is never held or banned, whatever it does{isBanned && ", and its ban ends now"}.
      </p>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <fieldset class="choices" aria-describedby={refusalId}>
          <legend class="hidden">How long</legend>
          {CHOICES.map(([name], place) => (
            <label key={name}>
              <input
                type="radio"
                name="span"
                checked={place === chosen}
                onChange={() => setChosen(place)}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <p id={refusalId} class="problem" role="alert">
          {refusal}
        </p>
        <div class="dialog-buttons">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="primary" disabled={isAsking}>
            Trust it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
