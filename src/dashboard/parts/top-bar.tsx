/** Above every page: its name, the field that finds an address, how the guard is, and switches. */
import { useState } from "preact/hooks";
import { endSession } from "../acts.ts";
import { addressIn } from "../find.ts";
import { isHelpOpen } from "../keys.ts";
import { connection, live } from "../live.ts";
import { sourceLink } from "../routes.ts";
import { nextTheme, theme } from "../theme.ts";
import { useCell } from "../use-cell.ts";
import { useChangeLock } from "../use-change-lock.ts";
import { Icon } from "./icon.tsx";

const THEME_NAMES = { system: "as the system", dark: "dark", light: "light" } as const;

export function TopBar({ title }: { readonly title: string }) {
  const chosen = useCell(theme);
  const lock = useChangeLock();
  return (
    <header class="top-bar">
      <h1>{title}</h1>
      <GuardState />
      {lock.disabled && (
        <span class="tag is-amber" title={lock.title}>
          reads only
        </span>
      )}
      <Find />
      <div class="switches">
        <button
          type="button"
          class="bare"
          title={`Colours: ${THEME_NAMES[chosen]}`}
          aria-label={`Colours: ${THEME_NAMES[chosen]}. Change`}
          onClick={nextTheme}
        >
          <Icon name={chosen} />
        </button>
        <button
          type="button"
          class="bare wide-only"
          title="Keys (?)"
          aria-label="Show the keys"
          onClick={() => isHelpOpen.set(true)}
        >
          <Icon name="help" />
        </button>
        <button
          type="button"
          class="bare"
          title="End the session"
          aria-label="End the session"
          onClick={() => void endSession()}
        >
          <Icon name="leave" />
        </button>
      </div>
    </header>
  );
}

/** In two words and a colour; the page's banner has the whole of it. */
function GuardState() {
  const { status: state } = useCell(connection);
  const { status } = useCell(live);
  const [name, text] = stateOf(state, status?.state);
  return (
    <p class={`guard-state is-${name}`} role="status">
      <span class="lamp" aria-hidden="true" />
      {text}
    </p>
  );
}

function stateOf(
  connected: string,
  state: string | undefined,
): readonly [name: "good" | "busy" | "bad", text: string] {
  if (connected === "gone") return ["bad", "No answer"];
  if (connected !== "live" || state === undefined) return ["busy", "Connecting"];
  if (state === "guarding") return ["good", "Guarding"];
  return state === "watching" ? ["good", "Watching only"] : ["busy", state];
}

function Find() {
  const [text, setText] = useState("");
  const go = (event: Event): void => {
    event.preventDefault();
    const address = addressIn(text);
    if (address === "") return;
    location.hash = sourceLink(address);
    setText("");
  };
  return (
    <search class="find">
      <form onSubmit={go}>
        <Icon name="search" />
        <input
          id="find"
          type="text"
          inputMode="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={100}
          placeholder="Find an address"
          aria-label="Find the story of an address"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}
