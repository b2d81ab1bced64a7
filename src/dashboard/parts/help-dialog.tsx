/** The list of keys. */
import { isHelpOpen, KEYS } from "../keys.ts";
import { useCell } from "../use-cell.ts";
import { Dialog } from "./dialog.tsx";

export function HelpDialog() {
  if (!useCell(isHelpOpen)) return null;
  const close = (): void => isHelpOpen.set(false);
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
