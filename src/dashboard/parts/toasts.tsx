/** Short answers to what somebody has done, at the edge of the page; the latest three. */
import { createCell } from "../cell.ts";
import { useCell } from "../use-cell.ts";
import { Icon } from "./icon.tsx";

interface Toast {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
  readonly undo?: { readonly name: string; readonly act: () => void };
}

const MOST = 3;
const LASTS_MS = 8000;

const toasts = createCell<readonly Toast[]>([]);
let nextId = 1;

export function tell(toast: Omit<Toast, "id">): void {
  const id = nextId++;
  toasts.update((shown) => [...shown, { ...toast, id }].slice(-MOST));
  setTimeout(() => forget(id), LASTS_MS);
}

function forget(id: number): void {
  toasts.update((shown) => shown.filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useCell(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, kind, text, undo }) => (
        <div key={id} class={`toast is-${kind}`}>
          <Icon name={kind === "done" ? "check" : "warning"} />
          <p>{text}</p>
          {undo && (
            <button
              type="button"
              onClick={() => {
                forget(id);
                undo.act();
              }}
            >
              {undo.name}
            </button>
          )}
          <button type="button" class="bare" aria-label="Close" onClick={() => forget(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
