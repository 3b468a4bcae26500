// Runs the exported detector in a thread of its own, so that the page answers meanwhile.
import * as ort from './runtime/ort.wasm.min.mjs';

ort.env.wasm.wasmPaths = new URL('./runtime/', import.meta.url).href;
// Threads share memory, which browsers allow to pages that are served isolated.
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 4) : 1;

let session;

async function load() {
  session = await ort.InferenceSession.create(new URL('model.onnx', import.meta.url).href);
}

async function detect({ frames, input, shape, outputs }) {
  const out = await session.run({ [input]: new ort.Tensor('uint8', frames, shape) }, outputs);
  return Object.fromEntries(outputs.map((name) => [name, { data: out[name].data, dims: out[name].dims }]));
}

self.onmessage = async ({ data }) => {
  try {
    const result = data.kind === 'load' ? await load() : await detect(data);
    self.postMessage({ id: data.id, result });
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error.message ?? error) });
  }
};
