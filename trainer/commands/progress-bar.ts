import cliProgress from 'cli-progress';
import type { OnDownload } from '../../data/hub.ts';
import type { TrainingProgress } from '../training/progress.ts';

/** A bar on standard error that follows training; where that is no terminal, a line every few steps. */
export function trainingBar(): { update: (progress: TrainingProgress) => void; stop: () => void } {
  const bar = newBar('{bar} {percentage} % | step {value}/{total} | loss {loss} | rate {rate} | {speed} tokens/s | {left} left');
  return {
    update: ({ step, steps, loss, learningRate, tokensPerSecond, secondsLeft }) => {
      const payload = {
        loss: loss.toFixed(3),
        rate: learningRate.toExponential(1),
        speed: Math.round(tokensPerSecond),
        left: duration(secondsLeft),
      };
      if (!bar.isActive) bar.start(steps, 0, payload);
      bar.update(step, payload);
    },
    stop: () => bar.stop(),
  };
}

/** A bar on standard error that follows downloads, one file after the other. */
export function downloadBar(): { update: OnDownload; stop: () => void } {
  const bar = newBar('{bar} {percentage} % | {file} | {value}/{total} bytes');
  let current = '';
  return {
    update: (file, received, total) => {
      if (file !== current) bar.start(total, 0, { file });
      current = file;
      bar.update(received);
    },
    stop: () => bar.stop(),
  };
}

/** Seconds as "4 min 05 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

function newBar(format: string): cliProgress.SingleBar {
  return new cliProgress.SingleBar({
    format,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    gracefulExit: false,
    clearOnComplete: false,
  });
}
