// What a person sees and clicks.
import { Detector, Frames } from './detector.js';

const $ = (id) => document.getElementById(id);
const video = $('video');
const canvas = $('boxes');
let detector;
let results = []; // of each key frame: {time, detections}
let stride = 1;
let name = '';
let stopped = true;

function say(text) {
  $('status').textContent = text;
}

function least() {
  return Number($('threshold').value);
}

function choose(address, title) {
  URL.revokeObjectURL(video.src);
  results = [];
  name = title;
  video.src = address;
  show();
}

/** Whether a video can be chosen and detected in; while one is read it must not be replaced. */
function settable(yes) {
  for (const id of ['file', 'example', 'stride']) $(id).disabled = !yes;
  $('detect').disabled = !yes || !Number.isFinite(video.duration); // a recording may not say how long it is
  $('stop').disabled = yes;
}

async function detect() {
  stopped = false;
  results = [];
  stride = Number($('stride').value);
  const frames = new Frames(video, detector.about.window);
  const number = Math.max(Math.ceil((video.duration - 1e-6) / stride), 1);
  settable(false);
  video.pause();
  video.controls = false;
  try {
    for (let i = 0; i < number && !stopped; i++) {
      say(`Key frame ${i + 1} of ${number}`);
      const found = { time: i * stride, detections: await detector.at(i * stride, frames) };
      results.push(found);
      $('progress').value = (i + 1) / number;
      show();
    }
    say(`${stopped ? 'Stopped after' : 'Done:'} ${results.length} of ${number} key frames. Play the video to see them.`);
    video.currentTime = 0;
  } catch (error) {
    say(`Error: ${error.message}. ${results.length} of ${number} key frames are done.`);
  } finally {
    stopped = true;
    video.controls = true;
    settable(true);
  }
}

function show() {
  const kept = results.map(({ time, detections }) =>
    ({ time, detections: detections.filter(({ score }) => score >= least()) }));
  $('rows').replaceChildren(...kept.flatMap(({ time, detections }) => detections.map((found) => row(time, found))));
  const text = JSON.stringify({ video: name, model: detector?.about.model, key_frames: kept });
  URL.revokeObjectURL($('save').href);
  $('save').href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  $('save').hidden = results.length === 0;
  draw();
}

function row(time, { action, score }) {
  const line = document.createElement('tr');
  const go = document.createElement('button');
  go.type = 'button';
  go.textContent = time.toFixed(2);
  go.setAttribute('aria-label', `Go to second ${time.toFixed(2)}`);
  go.onclick = () => { if (stopped) video.currentTime = time; };
  line.insertCell().append(go);
  line.insertCell().textContent = action;
  line.insertCell().textContent = score.toFixed(2);
  return line;
}

/** The boxes of the key frame nearest to the picture on the screen, each with its actions. */
function draw() {
  const rect = video.getBoundingClientRect();
  canvas.width = rect.width;
  canvas.height = rect.height;
  const context = canvas.getContext('2d');
  const near = results.filter(({ time }) => Math.abs(time - video.currentTime) <= stride / 2 + 1e-3)
    .sort((a, b) => Math.abs(a.time - video.currentTime) - Math.abs(b.time - video.currentTime))[0];
  if (!near || !video.videoWidth) return;
  // The picture is as large as it fits into the element, in its middle.
  const scale = Math.min(rect.width / video.videoWidth, rect.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  const [left, top] = [(rect.width - width) / 2, (rect.height - height) / 2];
  const lines = new Map(); // actions of one box share it
  context.font = '14px system-ui, sans-serif';
  context.lineWidth = 2;
  for (const { action, score, box } of near.detections) {
    if (score < least()) continue;
    const [x, y] = [left + box[0] * width, top + box[1] * height];
    const key = box.join();
    const line = lines.get(key) ?? 0;
    lines.set(key, line + 1);
    const text = `${action} ${score.toFixed(2)}`;
    const base = Math.max(y, 18) + 18 * line;
    context.strokeStyle = '#ffb000';
    context.strokeRect(x, y, (box[2] - box[0]) * width, (box[3] - box[1]) * height);
    context.fillStyle = '#000c';
    context.fillRect(x, base - 18, context.measureText(text).width + 8, 18);
    context.fillStyle = '#fff';
    context.fillText(text, x + 4, base - 4);
  }
}

function follow() {
  if (stopped) draw();
  requestAnimationFrame(follow);
}

$('file').onchange = () => {
  const file = $('file').files[0];
  if (file) choose(URL.createObjectURL(file), file.name);
};
$('example').onclick = async () => {
  // Whole: many servers give out no parts of a file, and then there is no going to a frame.
  const answer = await fetch(detector.about.example);
  if (answer.ok) choose(URL.createObjectURL(await answer.blob()), detector.about.example);
  else say(`Error: the example cannot be fetched: ${answer.status} ${answer.statusText}`);
};
$('form').onsubmit = (event) => { event.preventDefault(); detect(); };
$('stop').onclick = () => { stopped = true; };
$('threshold').oninput = () => { $('threshold-value').value = least().toFixed(2); show(); };
video.onloadedmetadata = () => {
  if (Number.isFinite(video.duration)) say(`${name}: ${video.duration.toFixed(1)} seconds.`);
  else say(`Error: ${name} does not say how long it is; copy it with another program (ffmpeg -i IN -c copy OUT).`);
  $('progress').value = 0;
  settable(true);
};
video.onerror = () => {
  $('detect').disabled = true;
  say(`Error: this browser cannot play ${name}. MP4 with H.264 and WebM are played by most.`);
};

try {
  const answer = await fetch('page.json');
  if (!answer.ok) throw new Error(`page.json: ${answer.status} ${answer.statusText}`);
  detector = new Detector(await answer.json());
  await detector.load();
  $('about').textContent += ` The model, ${detector.about.model}, knows: ${detector.about.classes.join(', ')}.`;
  $('example').hidden = !detector.about.example;
  settable(true);
  say('Choose a video.');
} catch (error) {
  say(`Error: the model cannot be started: ${error.message}`);
}
requestAnimationFrame(follow);
