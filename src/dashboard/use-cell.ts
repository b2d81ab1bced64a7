/** Draws a component again whenever a cell has another value. */
import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Cell } from "./cell.ts";

export function useCell<Value>(cell: Cell<Value>): Value {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const value = cell.get();
  useLayoutEffect(() => {
    // It may have changed between the drawing and now.
    if (!Object.is(cell.get(), value)) redraw(undefined);
    return cell.subscribe(() => redraw(undefined));
  }, [cell]);
  return value;
}
