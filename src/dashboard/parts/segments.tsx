/** One of a few, chosen by a button. */

export interface SegmentsProps {
  readonly label: string;
  readonly chosen: string;
  readonly choices: readonly { readonly value: string; readonly name: string }[];
  readonly onChoose: (value: string) => void;
}

export function Segments({ label, chosen, choices, onChoose }: SegmentsProps) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {choices.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
