// From a video element to the boxes and actions of a key frame.

// Added to the time of a frame, seconds: rounded down, it would be the frame before.
const INSIDE = 0.001;
// Longest wait for the picture after a seek, milliseconds; a seek within one frame brings no new one.
const PICTURE = 100;

/** The frames of a video at the model's rate and size; each is fetched once while windows share it. */
export class Frames {
  constructor(video, { fps, width, height }) {
    Object.assign(this, { video, fps, width, height, kept: new Map() });
    this.context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  }

  /** Bytes (3, count, height, width) of the frames from number `first` on; past an end the frame there is repeated. */
  async window(first, count) {
    const area = this.width * this.height;
    const bytes = new Uint8Array(3 * count * area);
    const last = Math.floor((this.video.duration - INSIDE) * this.fps);
    const inside = (number) => Math.min(Math.max(number, 0), Math.max(last, 0));
    for (const number of this.kept.keys()) if (number < inside(first)) this.kept.delete(number);
    for (let i = 0; i < count; i++) {
      const frame = await this.frame(inside(first + i));
      for (let color = 0; color < 3; color++) {
        bytes.set(frame.subarray(color * area, (color + 1) * area), (color * count + i) * area);
      }
    }
    return bytes;
  }

  /** Bytes (3, height, width) of one frame. */
  async frame(number) {
    if (!this.kept.has(number)) {
      await seek(this.video, number / this.fps + INSIDE);
      this.context.drawImage(this.video, 0, 0, this.width, this.height);
      const pixels = this.context.getImageData(0, 0, this.width, this.height).data;
      const area = this.width * this.height;
      const planes = new Uint8Array(3 * area);
      for (let i = 0; i < area; i++) {
        for (let color = 0; color < 3; color++) planes[color * area + i] = pixels[4 * i + color];
      }
      this.kept.set(number, planes);
    }
    return this.kept.get(number);
  }
}

/** Waits until a video shows what is at a time, seconds. */
async function seek(video, time) {
  // 'seeked' can come before the picture, and then the old one would be drawn.
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  await moved(video, time);
  await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, PICTURE))]);
}

function moved(video, time) {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error(`the browser cannot read the video at second ${time.toFixed(2)}`));
    const end = new AbortController();
    const once = { once: true, signal: end.signal };
    video.addEventListener('seeked', () => { end.abort(); resolve(); }, once);
    video.addEventListener('error', () => { end.abort(); failed(); }, once);
    video.currentTime = time;
  });
}

/** The model, in its thread. */
export class Detector {
  constructor(about) {
    this.about = about;
    this.waiting = new Map();
    this.next = 0;
    this.worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message || 'the model cannot be started'));
    };
  }

  ask(message, transfer = []) {
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ ...message, id }, transfer);
    });
  }

  load() {
    return this.ask({ kind: 'load' });
  }

  /** Detections of the key frame at a time: `{action, score, box}`, the box as shares of the picture; best first. */
  async at(time, frames) {
    const { window, input, scores, tubes, classes } = this.about;
    const count = window.clip_len * window.num_clips;
    const bytes = await frames.window(Math.round(time * window.fps) - Math.floor(count / 2), count);
    const shape = [1, 3, count, window.height, window.width];
    const message = { kind: 'detect', frames: bytes, input, shape, outputs: [scores, tubes] };
    const out = await this.ask(message, [bytes.buffer]);
    const [, persons, actions] = out[scores].dims;
    const length = out[tubes].dims[2];
    const size = [window.width, window.height, window.width, window.height];
    const found = [];
    for (let person = 0; person < persons; person++) {
      const start = 4 * (person * length + Math.floor(length / 2));
      const box = size.map((side, i) => out[tubes].data[start + i] / side);
      for (let action = 0; action < actions; action++) {
        const score = out[scores].data[person * actions + action];
        if (score > 0) found.push({ action: classes[action], score, box });
      }
    }
    return found.sort((a, b) => b.score - a.score);
  }
}
