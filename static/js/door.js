/* The door page's only script, put inline with its hash: recordings first, else the phone's own voice. */
(function (page, voices) {
  var button = page.querySelector("[data-module=read-aloud]");
  var sounds = page.querySelectorAll("[data-audio]");
  var lang = page.documentElement.lang.slice(0, 2);
  var playing;
  if (!button) return;
  function look() {
    if (sounds.length || (voices && voices.getVoices().some(function (voice) { return voice.lang.slice(0, 2) == lang; })))
      button.hidden = false;
  }
  function play(number) {
    if (!sounds[number]) return (playing = null);
    playing = new Audio(sounds[number].getAttribute("data-audio"));
    playing.onended = function () { play(number + 1); };
    playing.play();
  }
  button.onclick = function () {
    if (playing) return playing.pause(), (playing = null);
    if (sounds.length) return play(0);
    if (voices.speaking) return voices.cancel();
    page.querySelector("main").innerText.split("\n").forEach(function (line) {
      var words = new SpeechSynthesisUtterance(line);
      words.lang = page.documentElement.lang;
      words.rate = 0.9;
      voices.speak(words);
    });
  };
  look();
  if (voices) voices.onvoiceschanged = look;
})(document, window.speechSynthesis);
