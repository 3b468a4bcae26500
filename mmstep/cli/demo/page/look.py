"""Style and script of the page."""

# Gradio's own pale texts and its button have too little contrast.
CSS = """
.gradio-container { --body-text-color-subdued: var(--body-text-color); --block-info-text-color: var(--body-text-color);
  --button-primary-background-fill: #1d4ed8; --button-primary-background-fill-hover: #1e40af;
  --button-primary-border-color: #1d4ed8; --button-primary-text-color: #fff; }
.gradio-container :is(button, [role=button], a.download-link) { min-width: 24px; min-height: 24px; }
.gradio-container a.download-link { display: inline-block; }
#examples .grid-wrap { height: auto !important; min-height: 0 !important; max-height: none !important; }
#examples .grid-container { height: auto !important; }
@media (max-width: 640px) { #examples .grid-container { grid-template-columns: repeat(2, 1fr) !important; } }
.timeline, #timeline { --timeline-names: 12rem; }
.timeline { overflow-x: auto; }
.timeline-note { margin: 0 0 .5rem; color: var(--body-text-color); }
.timeline-person { display: flex; border-top: 1px solid var(--border-color-primary); padding: 2px 0; }
.timeline-name { flex: 0 0 3.2rem; font-weight: 700; padding: 4px 4px 4px 8px; box-sizing: border-box;
  border-left: 6px solid var(--person); position: sticky; left: 0; z-index: 2;
  background: var(--background-fill-primary); }
.timeline-rows { flex: 1; min-width: 0; }
.timeline-row { display: flex; align-items: stretch; min-height: 28px; }
.timeline-axis > span { flex: 0 0 var(--timeline-names); }
.timeline-row button { flex: 0 0 calc(var(--timeline-names) - 3.2rem); min-height: 28px; text-align: left;
  padding: 2px 6px; overflow-wrap: anywhere; line-height: 1.2; cursor: pointer; border-radius: 4px;
  position: sticky; left: 3.2rem; z-index: 2; color: var(--body-text-color);
  background: var(--background-fill-primary); text-decoration: underline; text-underline-offset: 2px; }
.timeline-row button:hover { background: var(--background-fill-secondary); }
.timeline-row button:focus-visible { outline: 3px solid var(--body-text-color); outline-offset: -3px; }
.timeline-track { position: relative; flex: 1; min-width: 0; cursor: pointer; overflow: hidden; }
.timeline-track::after { content: ''; position: absolute; top: 0; bottom: 0; width: 2px;
  left: calc(100% * var(--now, 0)); background: var(--body-text-color); opacity: .6; }
.timeline-axis .timeline-track::after { display: none; }
.timeline-axis .timeline-track span { position: absolute; bottom: 2px; padding-left: 3px; font-size: .8rem;
  white-space: nowrap; border-left: 1px solid var(--border-color-primary); color: var(--body-text-color); }
.timeline-bar { position: absolute; top: 4px; bottom: 4px; min-width: 3px; border-radius: 2px;
  background: var(--person); box-sizing: border-box; border: 1px solid rgba(0, 0, 0, .6); }
.steps-time { margin: .8rem 0 .3rem; font-weight: 700; color: var(--body-text-color); }
.steps-row { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); }
.steps-row figure { margin: 0; }
.steps-row img { width: 100%; height: auto; display: block; }
.steps-row figcaption { color: var(--body-text-color); font-size: 1rem; }
@media (max-width: 640px) { .timeline, #timeline { --timeline-names: 9.5rem; } }
@media (pointer: coarse) { .timeline-row, .timeline-row button { min-height: 44px; } }
"""

# Seeks the video that was drawn, and shows in the timeline where it is. Listens at the document, as Gradio makes its
# elements anew with each result.
SCRIPT = """() => {
  document.documentElement.lang = 'en';
  const player = () => document.querySelector('#drawn video');
  const seek = (seconds) => {
    const video = player();
    if (!video) return;
    video.currentTime = seconds;
    video.scrollIntoView({block: 'nearest'});
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('#timeline [data-starts]');
    if (button) {
      const starts = JSON.parse(button.dataset.starts);
      const now = player() ? player().currentTime : 0;
      const chosen = button.dataset.played === undefined ? starts[0] : starts.find((start) => start > now + 0.05);
      button.dataset.played = '';
      seek(chosen === undefined ? starts[0] : chosen);
      return;
    }
    const track = event.target.closest('#timeline .timeline-track');
    if (track) {
      const place = track.getBoundingClientRect();
      seek((event.clientX - place.left) / place.width * track.closest('.timeline').dataset.duration);
    }
  });
  // Gradio's slider tells of the pointer alone when it has come to rest.
  let rest;
  document.addEventListener('keyup', (event) => {
    if (!event.target.closest('#score_thr input')) return;
    clearTimeout(rest);
    rest = setTimeout(() => event.target.dispatchEvent(new PointerEvent('pointerup', {bubbles: true})), 600);
  });
  // What Gradio leaves out for screen readers.
  const mend = () => {
    document.querySelectorAll('[aria-label="Empty value"]:not([role])').forEach((element) =>
      element.setAttribute('role', 'img'));
    document.querySelectorAll('#examples img:not([data-named])').forEach((image) => {
      image.dataset.named = '';
      image.alt = `A frame of the video ${image.alt}`;
    });
  };
  new MutationObserver(mend).observe(document.body, {childList: true, subtree: true});
  mend();
  // Events of media do not bubble.
  document.addEventListener('timeupdate', (event) => {
    if (event.target !== player()) return;
    document.querySelectorAll('#timeline .timeline').forEach((timeline) =>
      timeline.style.setProperty('--now', event.target.currentTime / timeline.dataset.duration));
  }, true);
}"""
