/**
 * JSON with placeholders, `{"text": "{{title}}"}`: what Slack, Discord, ntfy and their like want.
 *
 * They refuse what is too long, and an alert that is refused is lost: `{{text:3000}}` is a text of at
 * most so many characters. Counted are UTF-16 units, which are never fewer than characters.
 * A value is escaped by JSON's rules wherever it stands, so that none can end a string or begin
 * another field. A template is filled once when it is read, which shows whether it is JSON.
 */
import { type Alert, type AlertFields, fieldsOf } from "./alert.ts";

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** A name, and perhaps how long its value may be. */
const FIELD = /^([a-z_]+)(?::([1-9]\d{0,5}))?$/i;

export type TemplateReading =
  | { readonly status: "ok"; readonly fill: (fields: AlertFields) => string }
  /** In words that follow the path of the file. */
  | { readonly status: "fault"; readonly reason: string };

/** What would break a template that forgets its quotes. */
const SAMPLE: Alert = {
  kind: "convicted",
  severity: "notice",
  atEpochMs: 0,
  title: 'a "title"',
  text: "a text\nof two lines \\",
  facts: {},
  details: {},
};

export function parseTemplate(template: string): TemplateReading {
  const sample = fieldsOf(SAMPLE, "host");
  for (const [, placeholder = ""] of template.matchAll(PLACEHOLDER)) {
    const [, name = ""] = FIELD.exec(placeholder) ?? [];
    if (Object.hasOwn(sample, name)) continue;
    const known = Object.keys(sample).join(", ");
    const reason = `{{${placeholder}}} is no field: expected one of ${known}`;
    return { status: "fault", reason: `${reason}, with or without a length as in {{text:3000}}` };
  }
  const fill = (fields: AlertFields) =>
    template.replace(PLACEHOLDER, (_all, placeholder: string) => {
      const [, name = "", most] = FIELD.exec(placeholder) ?? [];
      const value = fields[name] ?? "";
      return encode(typeof value === "string" ? cut(value, Number(most ?? Infinity)) : value);
    });
  try {
    JSON.parse(fill(sample));
    return { status: "ok", fill };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { status: "fault", reason: "it is no JSON when it is filled: texts need quotes" };
  }
}

/** What is left out leaves its mark. @param most 1 or more. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // The first half of a character without its second would be none.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** A number as it is; a text as it stands between the quotes of JSON. */
function encode(value: string | number): string {
  return typeof value === "number" ? `${value}` : JSON.stringify(value).slice(1, -1);
}
