import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { buildSync } from 'esbuild';

let registered = false;

/**
 * Registers TensorFlow.js's own gradients. They are published as modules that only a bundler can resolve (imports
 * without extensions, of directories), and otherwise only inside the union package of 270 MB: so they are bundled here,
 * once for each process. Registry and engine are global in TensorFlow.js, so the bundle joins the loaded library.
 */
export function registerGradients(): void {
  if (registered) return;
  const require = createRequire(import.meta.url);
  const { outputFiles } = buildSync({
    entryPoints: [require.resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  const code = outputFiles[0]?.text ?? '';
  const run = runInThisContext(`(function (require, module, exports) {${code}\n})`) as (...args: unknown[]) => void;
  run(require, { exports: {} }, {});
  registered = true;
}
