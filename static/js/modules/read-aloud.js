/**
 * Reads a page aloud: recordings (data-audio, or <audio data-read-aloud>) when there are any, else the phone's own voice.
 * The button stays hidden until one of the two is really there.
 */
const voices = window.speechSynthesis;
const language = document.documentElement.lang;

const hasVoice = () =>
  Boolean(voices && voices.getVoices().some((voice) => voice.lang.slice(0, 2) === language.slice(0, 2)));

function speak(text) {
  for (const line of text.split("\n").filter((each) => each.trim())) {
    const words = new SpeechSynthesisUtterance(line);
    words.lang = language;
    words.rate = 0.9;
    voices.speak(words);
  }
}

export default function readAloud(button) {
  const recordings = [...document.querySelectorAll("[data-audio], audio[data-read-aloud]")]
    .map((element) => element.dataset.audio || element.src);
  let playing = null;

  function play(number) {
    if (number >= recordings.length) { playing = null; return; }
    playing = new Audio(recordings[number]);
    playing.addEventListener("ended", () => play(number + 1));
    playing.play();
  }

  button.addEventListener("click", () => {
    if (playing) { playing.pause(); playing = null; return; }
    if (recordings.length) { play(0); return; }
    if (voices.speaking) { voices.cancel(); return; }
    speak(document.querySelector("main").innerText);
  });

  const look = () => { button.hidden = !(recordings.length || hasVoice()); };
  look();
  if (voices) voices.addEventListener("voiceschanged", look);
}
