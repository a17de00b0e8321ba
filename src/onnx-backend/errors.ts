import { said, textOf, type Said } from '../text/say.ts';

/**
 * A failure of the engine that we foresee: one sentence what happened, one what to do.
 * Codes: not_installed, wrong_version, unsupported_platform, no_device, unknown_provider,
 * missing_kernel, read_in_capture, graph_refused, out_of_memory, device_lost, bad_feed.
 */
export class OnnxError extends Error {
  /** What happened, with names and numbers. */
  readonly what: string;
  /** What the person can do. */
  readonly todo: string;
  /** Both as they are kept, for readers of other languages. */
  readonly said: { readonly what: Said; readonly todo: Said };

  constructor(
    what: Said,
    todo: Said,
    /** Stable name for programs. */
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(textOf(said('{0} {1}', what, todo)), options);
    this.name = 'OnnxError';
    this.what = textOf(what);
    this.todo = textOf(todo);
    this.said = { what, todo };
  }
}

/** Turns what ONNX Runtime says of a graph or a run into an OnnxError that names the node, as far as it says so. */
export function runtimeError(error: unknown, doing: 'load' | 'run'): OnnxError {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (
    // C++, CUDA, ONNX Runtime, Vulkan, Direct3D.
    /bad_?alloc|out[ _]?of[ _]?((host|device)[ _])?memory|failed to allocate|not enough memory|ALLOC_FAILED|require more than \d+ bytes/i.test(
      text,
    )
  ) {
    return new OnnxError(
      doing === 'load'
        ? said('ONNX Runtime ran out of memory while preparing the graph.')
        : said('ONNX Runtime ran out of memory while running the graph.'),
      said(
        'Set train.micro_batch to a part of the batch, lower train.batch_size, data.image_size or data.max_length, or free memory on this machine.',
      ),
      'out_of_memory',
      options,
    );
  }
  if (lostDevice.test(text))
    return new OnnxError(
      said(
        'The graphics device does not answer any more: its driver was reset or updated, the machine slept, or the device was taken away.',
      ),
      said('If it happens again, update its driver, or set train.provider to cpu.'),
      'device_lost',
      options,
    );
  const node = /node[: ]+\(?['"]?([\w./-]+)['"]?\)?/i.exec(text)?.[1];
  const named = node ? said(' at node {0}', node) : '';
  return new OnnxError(
    doing === 'load'
      ? said('ONNX Runtime refused to load the graph{0}: {1}', named, firstSentence(text))
      : said('ONNX Runtime refused to run the graph{0}: {1}', named, firstSentence(text)),
    said('Use another engine (train.engine) for this model, and report the operator and its shapes.'),
    'graph_refused',
    options,
  );
}

/**
 * What Dawn says of a device that is gone (`[Device] is lost.`), what Vulkan and Direct3D say, and CUDA's errors after which no call
 * succeeds: no or busy device, ECC, launch timed out or failed, illegal address, unknown.
 */
const lostDevice =
  /\[Device[^\]]*\] is lost|VK_ERROR_DEVICE_LOST|DXGI_ERROR_DEVICE_(REMOVED|HUNG|RESET)|CUDA failure (46|100|214|220|700|702|719|999)\b/;

function firstSentence(text: string): string {
  const line = text.split('\n')[0]?.trim() ?? '';
  const short = line.length > 400 ? `${line.slice(0, 400)}…` : line;
  return /[.!]$/.test(short) ? short : `${short}.`;
}
