/** Asks for the token, and says where it lies. */
import { useEffect, useRef, useState } from "preact/hooks";
import { openSession } from "../session.ts";
import { Mark } from "./icon.tsx";

export function LoginPage() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Vedette";
    field.current?.focus();
  }, []);
  const show = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    const said = await openSession(token);
    setAsking(false);
    setProblem(said);
    if (said !== undefined) field.current?.select();
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={(event) => void show(event)}>
        <Mark />
        <h1>Vedette</h1>
        <p class="dim">Show the token of this guard once. The session lasts twelve hours.</p>
        <label for="token">Token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          maxLength={512}
          value={token}
          aria-invalid={problem !== undefined}
          aria-describedby="token-problem token-place"
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p id="token-problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={isAsking || token === ""}>
          {isAsking ? "Asking …" : "Show the token"}
        </button>
        <p id="token-place" class="dim small">
          It lies on the server, for root and the group <code>vedette</code>:
          <code class="line">sudo cat /var/lib/vedette/api.token</code>
        </p>
      </form>
    </main>
  );
}
