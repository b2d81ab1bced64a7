/** Writes docs/openapi.json from the API's routes; a test finds a stale one. */
import { writeFileSync } from "node:fs";
import { describeApi } from "../src/api/openapi.ts";
import { ROUTES } from "../src/api/routes/all.ts";

const target = new URL("../docs/openapi.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(describeApi(ROUTES), undefined, 2)}\n`);
