/** The page's beginning. */
import { render } from "preact";
import { App } from "./app.tsx";
import { startLive } from "./live.ts";
import { startRouter } from "./router.ts";
import { findSession } from "./session.ts";
import { startTheme } from "./theme.ts";

startTheme();
startRouter();
const page = document.getElementById("page");
if (page === null) throw new Error("index.html has no #page");
render(<App />, page);
startLive();
void findSession();
