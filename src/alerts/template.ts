/**
 * JSON with placeholders, `{"text": "{{title}}"}`: what Slack, Discord, ntfy and their like want.
 *
 * A value is escaped by JSON's rules wherever it stands, so that none can end a string or begin
 * another field. A template is filled once when it is read, which shows whether it is JSON.
 */
import { type Alert, type AlertFields, fieldsOf } from "./alert.ts";

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

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
  for (const [, name = ""] of template.matchAll(PLACEHOLDER)) {
    if (Object.hasOwn(sample, name)) continue;
    const known = Object.keys(sample).join(", ");
    return { status: "fault", reason: `{{${name}}} is no field: expected one of ${known}` };
  }
  const fill = (fields: AlertFields) =>
    template.replace(PLACEHOLDER, (_all, name: string) => encode(fields[name] ?? ""));
  try {
    JSON.parse(fill(sample));
    return { status: "ok", fill };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { status: "fault", reason: "it is no JSON when it is filled: texts need quotes" };
  }
}

/** A number as it is; a text as it stands between the quotes of JSON. */
function encode(value: string | number): string {
  return typeof value === "number" ? `${value}` : JSON.stringify(value).slice(1, -1);
}
