/**
 * How the score grew, port by port, until it convicted: as a stair and as a list.
 *
 * The stair is drawn on a scale of powers of ten, because each step multiplies.
 */
import type { ScoreView } from "../../../api/contract.ts";
import { counted, formatFullTime, formatScore, formatSpan } from "../../format.ts";
import { serviceOf } from "../../services.ts";
import { stairOf } from "./stair.ts";

const WIDTH = 640;
const HEIGHT = 120;

export function ScoreSteps({ score }: { readonly score: ScoreView }) {
  const { steps, value, convicts_at: line, half_life_seconds: halfLife } = score;
  const stair = stairOf(score, WIDTH, HEIGHT);
  const isOver = value >= line;
  return (
    <div class="score">
      <p class="dim">
        {counted(steps.length, "first contact")} came to {formatScore(value)} : 1 for a scanner;{" "}
        {isOver ? "it is convicted from" : "it would be convicted from"} {formatScore(line)} on.
        What was seen is worth half after {formatSpan(halfLife)}.
      </p>
      <svg
        class="stair"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path class={isOver ? "stair-area is-over" : "stair-area"} d={stair.area} />
        <line class="stair-line" x1="0" x2={WIDTH} y1={stair.lineY} y2={stair.lineY} />
        <path class={isOver ? "stair-path is-over" : "stair-path"} d={stair.path} />
      </svg>
      <table>
        <caption class="hidden">The steps of the score</caption>
        <thead>
          <tr>
            <th scope="col">Port</th>
            <th scope="col" />
            <th scope="col">Seen</th>
            <th scope="col" class="number">
              Factor
            </th>
            <th scope="col" class="number">
              Score
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ transport, port, at, factor, score: reached }) => (
            <tr key={`${transport}${port}${at}`}>
              <td>
                <span class="faint">{transport}</span> <b>{port}</b>
              </td>
              <td class="dim">{serviceOf(transport, port)}</td>
              <td class="dim">{formatFullTime(at).slice(11)}</td>
              <td class="number">× {formatScore(factor)}</td>
              <td class={`number ${reached >= line ? "is-over" : ""}`}>{formatScore(reached)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
