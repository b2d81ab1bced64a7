/** Whether the page is as narrow as a telephone, as narrow.css has it. */
import { useEffect, useState } from "preact/hooks";

const NARROW = matchMedia("(max-width: 720px)");

export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const look = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", look);
    return () => NARROW.removeEventListener("change", look);
  }, []);
  return isNarrow;
}
