"""
Everything the village prints or reads out: plates, stickers, notice sheets, slips and loudspeaker
wording.
"""
