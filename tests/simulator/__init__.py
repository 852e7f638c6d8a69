"""
Seeded schedules of the market and its money, in one process, on a clock of their own.

``scheduler.py`` runs people, workers and the gateway's courier as greenlets that give way wherever a real process could be
interrupted: before every transaction, after every commit, and around every question to the gateway. At each of those places it may also
crash one: its session is abandoned where it stands, and nothing of it runs any more. ``people.py`` says what
buyers want and ``office.py`` what is done with sellers' money; ``stories.py`` draws what a seed is about: the shop, payouts, or sellers
whose money Alipay holds, with daily bills or without. ``world.py`` plays one seed, ``invariants.py`` and ``office_invariants.py`` say
what must be true when everything has come to rest.

    python -m tests.simulator --count 10000        many seeds from a random one on
    python -m tests.simulator --seed 4711          one seed, with its whole course
"""
