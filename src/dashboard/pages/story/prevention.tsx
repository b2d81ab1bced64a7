/** What would have kept it from being held or banned, ready to be copied. */
import { useState } from "preact/hooks";
import type { WhyView } from "../../../api/contract.ts";
import { Icon } from "../../parts/icon.tsx";
import { Panel } from "../../parts/panel.tsx";
import { printable } from "../../printable.ts";

export function Prevention({ why }: { readonly why: WhyView }) {
  const { prevention, trusted, blocklists } = why;
  return (
    <Panel title={trusted === null ? "Was it a mistake?" : "Trusted"}>
      <div class="prevention">
        {trusted !== null && <p class="dim">{printable(trusted)}</p>}
        {trusted === null && (
          <>
            <p class="dim">On the server, this trusts it at once:</p>
            <Copied text={prevention.command} />
            <p class="dim">
              {prevention.ignore_file === null
                ? "or, with an ignore file, this line in it:"
                : `or this line in ${printable(prevention.ignore_file)}:`}
            </p>
            <Copied text={prevention.ignore_line} />
          </>
        )}
        {(blocklists ?? []).map(({ address, file, line }) => (
          <p key={`${file}${line}`}>
            <span class="tag is-red">blocklist</span> {printable(address)} in{" "}
            <code>
              {printable(file)}:{line}
            </code>
          </p>
        ))}
      </div>
    </Panel>
  );
}

function Copied({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    // Where the page came by plain HTTP from another name than this machine's, a browser forbids it.
    await navigator.clipboard?.writeText(text);
    setCopied(navigator.clipboard !== undefined);
  };
  return (
    <div class="copied">
      <code>{printable(text)}</code>
      <button type="button" class="bare" aria-label="Copy" onClick={() => void copy()}>
        <Icon name={isCopied ? "check" : "copy"} />
      </button>
    </div>
  );
}
