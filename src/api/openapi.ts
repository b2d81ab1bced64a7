/**
 * Describes the API as an OpenAPI 3.1 document, made from the routes and their schemas.
 *
 * Source: OpenAPI Specification 3.1.1. Its schemas are JSON Schema 2020-12, which zod writes.
 */
import { z } from "zod";
import { VERSION } from "../version.ts";
import * as contract from "./contract.ts";
import type { Route } from "./route.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** What the document has besides what depends on the routes. */
export type ApiDescription = {
  readonly openapi: "3.1.1";
  readonly info: JsonObject;
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: JsonObject } & JsonObject;
};

/** Of each route that takes a body or a query. */
const USAGE_FAULT = { 400: fault("What was asked for is not understood; it names every fault.") };

/** Of each route. */
const FAULTS = { default: fault("It could not be done; the error is a code of docs/ERRORS.md.") };

/** The exported schemas of the contract have a name of their own: `banViewSchema` is BanView. */
for (const [name, schema] of Object.entries(contract)) {
  if (!(schema instanceof z.ZodType)) continue;
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`.replace(/Schema$/, "");
  z.globalRegistry.add(schema, { id });
}

export function describeApi(routes: readonly Route[]): ApiDescription {
  const schemas: Record<string, unknown> = {};
  // Every refusal is one, whatever the routes.
  jsonSchemaOf(contract.faultViewSchema, schemas);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    const operations = paths[each.path] ?? {};
    operations[each.method.toLowerCase()] = operationOf(each, schemas);
    paths[each.path] = operations;
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Vedette",
      version: VERSION,
      summary: "What a running guard tells, and what people may ask of it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: { schemas: Object.fromEntries(Object.entries(schemas).sort()) },
  };
}

function operationOf(
  { method, path, summary, query, body, reply, media }: Route,
  schemas: Record<string, unknown>,
): JsonObject {
  return {
    operationId: `${method.toLowerCase()}${path.replace(/^\/v1/, "").replace(/[/.]+(\w)/g, upper)}`,
    summary,
    ...(query && { parameters: parametersOf(query, schemas) }),
    ...(body && { requestBody: { required: true, content: content(jsonSchemaOf(body, schemas)) } }),
    responses: {
      200: {
        description: "Done, or answered.",
        content: content(jsonSchemaOf(reply, schemas), media),
      },
      ...(query === undefined && body === undefined ? {} : USAGE_FAULT),
      ...FAULTS,
    },
  };
}

/** Where a query has several forms, every word of each is a parameter that may be left out. */
function parametersOf(query: z.ZodType, schemas: Record<string, unknown>): JsonObject[] {
  const { anyOf, ...whole } = jsonSchemaOf(query, schemas) as {
    readonly anyOf?: readonly ObjectSchema[];
  } & ObjectSchema;
  return (anyOf ?? [whole]).flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, schema]) => ({
      name,
      in: "query",
      required: anyOf === undefined && required.includes(name),
      schema,
    })),
  );
}

interface ObjectSchema {
  readonly properties?: JsonObject;
  readonly required?: readonly string[];
}

/** What of it has a name is put into `schemas` and referred to. */
function jsonSchemaOf(schema: z.ZodType, schemas: Record<string, unknown>): JsonObject {
  const { $schema, $defs, ...written } = z.toJSONSchema(schema, {
    // Replies have no transformation, and a reader of one must not refuse what it does not know.
    io: "input",
    override: ({ jsonSchema }) => {
      // The format says it; the expression that zod has for it takes the half of a page.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      // A number in a query is a text that is one.
      if (jsonSchema.type === "integer" && typeof jsonSchema.default === "string") {
        delete jsonSchema.pattern;
        jsonSchema.default = Number(jsonSchema.default);
      }
    },
  });
  Object.assign(schemas, placed($defs ?? {}));
  return placed(written);
}

/** In the document named schemas have another place than in a schema that stands alone. */
function placed(schema: object): JsonObject {
  const text = JSON.stringify(schema);
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/'));
}

function content(schema: JsonObject, media = "application/json"): JsonObject {
  return { [media]: { schema } };
}

function fault(description: string): JsonObject {
  return { description, content: content({ $ref: "#/components/schemas/FaultView" }) };
}

function upper(_: string, letter: string): string {
  return letter.toUpperCase();
}
